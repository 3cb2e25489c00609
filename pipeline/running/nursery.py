"""The process of which workers are copies: it loads the models once, so that none of them has to, and all share them.

It is the standard library's fork server, which holds no threads of its own and forks on request; pages that a worker
does not write to are held once for all. It is told what to load by an environment variable, and loads it when this
module is imported there.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

from pipeline.records import Source

#: The languages that the process is to load, separated by spaces; the name of this module goes with it.
_ASKED = "ROLLCALL_NURSERY"
#: A text of each language, so that the tables are loaded that are read when they are first asked for.
_TEXTS = {
    "en": "On 12 March 2009 Dr. John A. Smith, head of the City Archive, read the report “Maps and their makers”.",
    "ru": "12 марта 2009 года заведующий Городским архивом Иван Петрович Смирнов выступил с докладом «Карты и люди».",
    "kk": "2009 жылғы 12 наурызда Қалалық архивтің меңгерушісі Асқар Ерланұлы Бөкеев «Карталар» атты баяндама жасады.",
}


def usable() -> bool:
    """Whether workers can be copies here: elsewhere libraries of the system do not bear it."""
    return sys.platform == "linux"


def context(language: str) -> BaseContext:
    """The context whose workers are copies of a process that has loaded a language, all of them for `auto`.

    The process starts now, unless one runs that was not let go.
    """
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload([__name__])
    os.environ[_ASKED] = " ".join(_TEXTS) if language == "auto" else language
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[_ASKED]
    return found


def let_go() -> None:
    """End the process, whose memory nobody needs when the workers are gone."""
    server = getattr(forkserver, "_forkserver", None)
    pid = getattr(server, "_forkserver_pid", None)
    if pid is None:
        return
    with suppress(OSError):
        os.kill(pid, signal.SIGTERM)
        # Not reaped: the library does that, when it next asks whether its server runs.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def load(languages: list[str]) -> None:
    """Load the models and tables of languages. What cannot be loaded is left to the workers, who say so."""
    from pipeline.running.engine import load_engine
    from pipeline.running.work import Settings, Worker

    for language in languages:
        with suppress(Exception):
            worker = Worker(Settings(language=language), load_engine)
            (found,) = worker.engine.extract_many([_TEXTS[language]])
            worker.drafted(Source("", ""), found)
    gc.collect()
    gc.freeze()  # else the first collection in each worker would write to, and so copy, every page


if _ASKED in os.environ:
    load(os.environ[_ASKED].split())
