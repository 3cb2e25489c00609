"""A run from a folder to tables, with a stand-in for extraction and normalisation."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes

from pipeline.reading import InputError
from pipeline.records import Extraction
from pipeline.running import Engine, Failure, OutputError, Progress, RunResult, StoppedError, run
from pipeline.tables import TABLES, read_tables

GOOD = 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.'


def go(inputs: Path, out: Path, **settings: Any) -> RunResult:
    return run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)


def folder(base: Path, **files: str | bytes) -> Path:
    base.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content.encode("utf-8") if isinstance(content, str) else content
        (base / f"{name}.txt").write_bytes(data)
    return base


def contents(out: Path) -> dict[str, bytes]:
    """The tables and their manifest: all but the store and what tells of times."""
    return {
        p.name: p.read_bytes() for p in out.iterdir() if p.name != "run.json" and not p.name.startswith("rollcall.sq")
    }


def rows(out: Path, table: str) -> list[dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_run_writes_linked_tables(tmp_path: Path) -> None:
    result = go(folder(tmp_path / "in", a=GOOD, b="Asanova B. came."), tmp_path / "out")
    assert result.ok
    assert (result.counts["documents"], result.counts["people"], result.counts["affiliations"]) == (2, 2, 1)
    frames = read_tables(tmp_path / "out")
    people = frames["people"].set_index("person_id")
    assert people.loc["asanova-b", "documents"] == 2
    for _, mention in frames["mentions"].iterrows():
        raw = (tmp_path / "in" / mention["document_id"]).read_text()
        assert raw[mention["start"] : mention["end"]] == mention["text"]
    assert set(frames["affiliations"]["person_id"]) <= set(people.index)
    assert set(frames["affiliations"]["role_id"]) <= set(frames["roles"]["role_id"])


def test_run_one_bad_document_costs_only_itself(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"n{i:02}": f"{GOOD} {i}" for i in range(30)}
    files |= {"n07": "this %BREAK% it", "n11": "", "n13": bytes(range(256)) * 9, "n19": "%BREAK% again"}
    result = go(folder(tmp_path / "in", **files), tmp_path / "out")
    broken = (
        "the extraction broke on this text (ValueError: a text that breaks it): "
        "please report it as a bug, with the file"
    )
    assert [f.document_id for f in result.failures] == ["n07.txt", "n13.txt", "n19.txt"]
    assert result.failures[0] == Failure("n07.txt", broken)
    assert {k: result.counts[k] for k in ("documents", "ok", "empty", "failed")} == {
        "documents": 30, "ok": 26, "empty": 1, "failed": 3,
    }  # fmt: skip
    status = {r["document_id"]: r["status"] for r in rows(tmp_path / "out", "documents")}
    assert (status["n07.txt"], status["n11.txt"], status["n08.txt"]) == ("failed", "empty", "ok")
    assert sum(r["document_id"] == "n08.txt" for r in rows(tmp_path / "out", "mentions")) == 6


def test_run_the_same_bytes_each_time_and_for_any_number_of_jobs(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"n{i:02}": GOOD.replace("C", "ABCDEFG"[i % 7]) for i in range(40)}
    folder(tmp_path / "in", **files, bad="%BREAK%", void="")
    results = [go(tmp_path / "in", tmp_path / f"out{n}", jobs=jobs) for n, jobs in enumerate((1, 1, 3))]
    first = contents(tmp_path / "out0")
    assert len(first) == 2 * len(TABLES) + 2
    assert first == contents(tmp_path / "out1") == contents(tmp_path / "out2")
    assert results[0].failures == results[2].failures


def test_run_does_not_depend_on_the_order_of_the_inputs(tmp_path: Path) -> None:
    folder(tmp_path / "a", x=GOOD, same="Asanova B.")
    folder(tmp_path / "b", y="Bekova C.", same="Bekova C.")
    ids = []
    for n, order in enumerate((["a", "b"], ["b", "a"])):
        run([tmp_path / o for o in order], tmp_path / f"o{n}", make_engine=fakes.make_engine, link=fakes.link)
        ids.append(contents(tmp_path / f"o{n}")["mentions.csv"])
    assert ids[0] == ids[1]


def test_run_a_worker_that_dies_costs_one_document(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"n{i:02}": GOOD for i in range(12)}
    result = go(folder(tmp_path / "in", **(files | {"n05": "%DIE%"})), tmp_path / "out", jobs=2)
    assert result.failures == (
        Failure(
            "n05.txt",
            "the process that read this file was ended from outside, perhaps for want of memory: "
            "split the file, or run with fewer --jobs",
        ),
    )
    assert result.counts["ok"] == 11


def refusing_engine(language: str, model: str = "fast") -> Engine:
    from pipeline.running import LanguageError

    raise LanguageError(f"no {language}")


@pytest.mark.parametrize("jobs", [1, 2])
def test_run_an_unknown_language_stops_at_once(tmp_path: Path, jobs: int) -> None:
    from pipeline.running import LanguageError

    folder(tmp_path / "in", a=GOOD, b=GOOD)
    with pytest.raises(LanguageError, match="no xx"):
        run(tmp_path / "in", tmp_path / "out", language="xx", jobs=jobs, make_engine=refusing_engine, link=fakes.link)


def test_run_tells_its_progress_and_failures(tmp_path: Path) -> None:
    told: list[Progress] = []
    go(folder(tmp_path / "in", a=GOOD, b="%BREAK%"), tmp_path / "out", progress=told.append)
    assert [(p.step, p.done, p.total) for p in told] == [
        ("learning", 0, 2), ("reading", 1, 2), ("reading", 2, 2), ("linking", 2, 2), ("writing", 2, 2),
    ]  # fmt: skip
    assert told[1].failure is None
    assert told[2].failure is not None
    assert told[2].failure.document_id == "b.txt"


def test_run_min_confidence_leaves_out_the_unsure(tmp_path: Path) -> None:
    folder(tmp_path / "in", a="Asanova Z. and Bekova C.")
    go(tmp_path / "in", tmp_path / "out", min_confidence=0.5)
    assert [r["text"] for r in rows(tmp_path / "out", "mentions")] == ["Bekova C."]


def test_run_fail_fast_writes_nothing(tmp_path: Path) -> None:
    folder(tmp_path / "in", a=GOOD)
    go(tmp_path / "in", tmp_path / "out")
    before = contents(tmp_path / "out")
    folder(tmp_path / "in", b="%BREAK%")
    with pytest.raises(StoppedError) as error:
        go(tmp_path / "in", tmp_path / "out", keep_going=False)
    assert error.value.failure.document_id == "b.txt"
    assert contents(tmp_path / "out") == before


def test_run_limits_are_told(tmp_path: Path) -> None:
    result = go(folder(tmp_path / "in", a="x" * 2000, b=GOOD), tmp_path / "out", max_characters=1500)
    assert result.failures == (
        Failure(
            "a.txt",
            "the text has 2,000 characters, more than the limit of 1,500 for one document: "
            "split the file, or raise the limit with --max-characters",
        ),
    )


def test_run_an_interrupted_run_leaves_the_old_tables(tmp_path: Path) -> None:
    folder(tmp_path / "in", a=GOOD)
    go(tmp_path / "in", tmp_path / "out")
    before = contents(tmp_path / "out")

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "in", tmp_path / "out", progress=interrupt)
    assert contents(tmp_path / "out") == before


def test_run_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError) as error:
        go(tmp_path / "in", tmp_path / "out")
    assert str(error.value) == (f"There is no file to read in {tmp_path}/in. Name a file or folder that holds some.")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("settings", [{"jobs": 0}, {"min_confidence": 1.5}])
def test_run_settings_out_of_range(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        go(folder(tmp_path / "in", a=GOOD), tmp_path / "out", **settings)


# The output folder.


def test_output_an_empty_folder_with_gitkeep_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".gitkeep").touch()
    go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    assert (tmp_path / "out" / ".gitkeep").exists()
    assert not [p for p in (tmp_path / "out").iterdir() if p.name.startswith(".rollcall")]


def test_output_with_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder(tmp_path / "out", thesis="mine")
    with pytest.raises(OutputError) as error:
        go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    assert str(error.value) == (
        f"{tmp_path}/out holds something that Rollcall did not write: thesis.txt. "
        "Name another output folder with --out, or move that away."
    )
    assert contents(tmp_path / "out") == {"thesis.txt": b"mine"}


def test_output_a_file_beside_our_tables_is_refused(tmp_path: Path) -> None:
    go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    folder(tmp_path / "out", notes="mine")
    with pytest.raises(OutputError, match=r"did not write: notes\.txt\."):
        go(tmp_path / "in", tmp_path / "out")


def test_output_a_table_that_was_edited_is_not_overwritten(tmp_path: Path) -> None:
    go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    (tmp_path / "out" / "people.csv").write_text("corrected by hand")
    with pytest.raises(OutputError) as error:
        go(tmp_path / "in", tmp_path / "out")
    assert str(error.value) == (
        f"{tmp_path}/out/people.csv was changed after Rollcall wrote it. "
        "Name another output folder with --out, or move that file away."
    )


def test_output_an_older_run_is_replaced_with_what_it_left(tmp_path: Path) -> None:
    go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "rollcall.json").read_text())
    manifest["files"]["retired.csv"] = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "out" / "rollcall.json").write_text(json.dumps(manifest))
    (tmp_path / "out" / "retired.csv").write_text("x")
    (tmp_path / "out" / ".rollcall-work-old").mkdir()
    folder(tmp_path / "in", a="Dosova E.")
    go(tmp_path / "in", tmp_path / "out")
    assert [r["name"] for r in rows(tmp_path / "out", "people")] == ["Dosova E."]
    assert not {"retired.csv", ".rollcall-work-old"} & {p.name for p in (tmp_path / "out").iterdir()}


def test_output_tables_of_a_run_that_broke_off_are_replaced(tmp_path: Path) -> None:
    folder(tmp_path / "out")
    (tmp_path / "out" / "rollcall.json").write_text('{"program": "rollcall", "complete": false}')
    (tmp_path / "out" / "people.csv").write_text("half")
    assert go(folder(tmp_path / "in", a=GOOD), tmp_path / "out").ok


def test_output_a_strange_manifest_is_refused(tmp_path: Path) -> None:
    folder(tmp_path / "out")
    (tmp_path / "out" / "rollcall.json").write_text("{}")
    with pytest.raises(OutputError, match="was not written by Rollcall or is damaged"):
        go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")


def test_output_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError) as error:
        go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")
    assert str(error.value) == f"{tmp_path}/out is a file, not a folder. Name another output folder with --out."


def test_output_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut").chmod(0o555)
    if os.geteuid() == 0:  # nothing is forbidden to root, so the system's answer is played

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError) as error:
        go(folder_made(tmp_path), tmp_path / "shut" / "out")
    assert str(error.value) == (
        f"The output folder {tmp_path}/shut/out cannot be written (Permission denied). Name another with --out."
    )


def folder_made(base: Path) -> Path:
    os.makedirs(base / "in", exist_ok=True)
    (base / "in" / "a.txt").write_text(GOOD)
    return base / "in"


def test_output_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.running.store.Store.put", full)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        go(folder(tmp_path / "in", a=GOOD), tmp_path / "out")


def test_output_inside_the_input_is_not_read(tmp_path: Path) -> None:
    folder(tmp_path / "in", a=GOOD)
    for _ in range(2):
        assert go(tmp_path / "in", tmp_path / "in" / "out").counts["documents"] == 1


def test_output_names_survive(tmp_path: Path) -> None:
    folder(tmp_path / "in")
    names = [b"two  words.txt", "Дом, «книги».txt".encode(), b"caf\xe9.txt", b'new\nline".txt']
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)).write_text(GOOD)
    go(tmp_path / "in", tmp_path / "out")
    expected = {"two  words.txt", "Дом, «книги».txt", "caf\\xe9.txt", 'new\nline".txt'}
    assert {r["document_id"] for r in rows(tmp_path / "out", "documents")} == expected
    assert set(read_tables(tmp_path / "out")["mentions"]["document_id"]) == expected


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """How many characters are given to the extraction at most at once."""
    largest = [0]
    original = fakes.extract_many

    def watch(raws: Any) -> Any:
        raws = list(raws)
        largest[0] = max(largest[0], sum(map(len, raws)))
        return original(raws)

    monkeypatch.setattr(fakes, "extract_many", watch)
    yield lambda: largest[0]


def test_run_batches_are_bounded(tmp_path: Path, counting: Callable[[], int]) -> None:
    files: dict[str, str | bytes] = {f"n{i:03}": "x" * 50_000 for i in range(100)}
    go(folder(tmp_path / "in", **files), tmp_path / "out")
    assert 50_000 < counting() <= 300_000


def noting_engine(language: str, model: str = "fast") -> Engine:
    def extract_many(raws: Iterable[str]) -> Iterator[Extraction]:
        for raw in raws:
            yield Extraction(raw, "de", note="the text seems to be German, which Rollcall does not speak")

    return replace(fakes.make_engine(language), extract_many=extract_many)


@pytest.mark.parametrize("jobs", [1, 2])
def test_run_a_language_that_is_not_spoken_is_ok_with_a_reason(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text("Der Direktor", encoding="utf-8")
    result = run(tmp_path / "in", tmp_path / "out", jobs=jobs, make_engine=noting_engine, link=fakes.link)
    assert result.ok and result.counts["mentions"] == 0
    for line in (tmp_path / "out" / "documents.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert (row["status"], row["language"]) == ("ok", "de")
        assert row["reason"] == "the text seems to be German, which Rollcall does not speak"
