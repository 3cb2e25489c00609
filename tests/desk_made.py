"""What the tests of the desk share: an output to decide on, and a desk that is served in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.reporting.desk.decisions import Desk
from pipeline.reporting.desk.web import application
from pipeline.running import run
from pipeline.running.corrections import CORRECTIONS
from pipeline.running.linking import JUDGEMENTS


def decided_on(base: Path, texts: Mapping[str, str]) -> Path:
    """The output of a run over texts that lie in `base/in`."""
    (base / "in").mkdir()
    for name, text in texts.items():
        (base / "in" / name).write_text(text, encoding="utf-8")
    run(base / "in", base / "out", language="en")
    return base / "out"


@contextmanager
def undecided(out: Path) -> Iterator[Path]:
    """The output; what was decided is forgotten afterwards."""
    yield out
    for name in (CORRECTIONS, JUDGEMENTS):
        (out / name).unlink(missing_ok=True)


@contextmanager
def served(desk: Desk, token: str) -> Iterator[str]:
    """The address of a desk, without the token."""
    import uvicorn

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application(desk, token), log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        door.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join()
