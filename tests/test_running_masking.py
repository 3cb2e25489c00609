"""`--mask contacts`: no contact lies anywhere in the output, and nothing else is altered."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes

from pipeline.cleaning import contacts
from pipeline.reporting.exports import FORMS, export
from pipeline.running import Engine, OutputError, RunResult, run
from pipeline.running.corrections import Correction, append_corrections
from pipeline.running.single import single
from pipeline.running.texts import raw_text
from pipeline.tables import read_tables

pytest.importorskip("phonenumbers")

PHONE, MAIL, STREET = "8 (7182) 32-11-22", "asanova@lib.kz", "Toraigyrova street, 44/1"
SECRETS = (PHONE, "32-11-22", MAIL, "asanova@", STREET, "44/1", "+7 701 123 45 67", "sender@mail.kz")
TEXT = f'Bekova C., director, National Library: "Maps of {MAIL}". Tel. {PHONE}. {STREET}.\r\nAsanova B. came.'


def go(inputs: Path, out: Path, **settings: Any) -> RunResult:
    return run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)


def given(base: Path) -> Path:
    """Announcements that name contacts in text, subject, sender, id and error, and lines of them in every file."""
    base.mkdir()
    (base / "a.txt").write_text(TEXT, encoding="utf-8", newline="")
    (base / "clean.txt").write_text("Asanova B., director.", encoding="utf-8")
    (base / "letter.eml").write_text(
        f"From: Sender <sender@mail.kz>\nTo: a@b.kz\nSubject: Call +7 701 123 45 67\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain\n\n{TEXT}\n", encoding="utf-8"
    )  # fmt: skip
    rows = [["id", "text"], [MAIL, f"{TEXT} one"], ["other@lib.kz", f"Asanova B. {PHONE}"]]
    with (base / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    for number in range(6):
        (base / f"n{number}.txt").write_text(f"Asanova B. {number}\nWrite: {MAIL}, {STREET}\n", encoding="utf-8")
    return base


def everything(out: Path) -> bytes:
    """All bytes of an output, the texts that the store keeps among them."""
    told = b"".join(p.read_bytes() + p.name.encode() for p in sorted(out.rglob("*")) if p.is_file())
    base = sqlite3.connect(out / "rollcall.sqlite")
    texts = [zlib.decompress(t) for (t,) in base.execute("SELECT text FROM documents WHERE text IS NOT NULL")]
    base.close()
    return told + b"".join(texts)


def leaks(out: Path) -> list[str]:
    data = everything(out)
    escaped = data.replace(b"\\u2588", "█".encode())
    return [s for s in SECRETS if s.encode() in escaped]


def test_mask_leaves_no_contact_in_the_output(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = go(given(tmp_path / "in"), out, mask="contacts", formats=["json", "sqlite", "excel"])
    for form in FORMS:
        export(out, form)
    assert result.counts["failed"] == 0
    assert leaks(out) == []
    # The test can fail: without masking they are all there.
    go(tmp_path / "in", tmp_path / "open")
    assert set(leaks(tmp_path / "open")) == set(SECRETS)


def test_mask_alters_nothing_else(tmp_path: Path) -> None:
    given(tmp_path / "in")
    (tmp_path / "in" / "rows.csv").unlink()  # whose ids are masked themselves, and sorted by that
    go(tmp_path / "in", tmp_path / "open")
    go(tmp_path / "in", tmp_path / "out", mask="contacts")
    before, after = read_tables(tmp_path / "open"), read_tables(tmp_path / "out")
    for name in ("mentions", "affiliations", "reports", "people"):
        assert len(before[name]) == len(after[name])
        for column in before[name].columns:
            for old, new in zip(before[name][column], after[name][column], strict=True):
                known = (str(old), str(new))
                assert known[0] == known[1] or "█" in known[1], (name, column, old, new)
    assert set(after["reports"]["title"]) == {"Maps of ██████████████"}


def test_mask_offsets_stay_true(tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(given(tmp_path / "in"), out, mask="contacts")
    tables = read_tables(out)
    documents = {d["document_id"]: d for d in tables["documents"].fillna("").to_dict("records")}
    for mention in tables["mentions"].to_dict("records"):
        raw = raw_text(out, documents[mention["document_id"]], unchanged=True)
        assert raw[mention["start"] : mention["end"]] == mention["text"]
    assert documents["a.txt"]["characters"] == len(TEXT)
    assert (documents["a.txt"]["masked"], documents["clean.txt"]["masked"]) == (3, 0)
    # A file without contacts is read as it is.
    assert documents["a.txt"]["text_file"] and not documents["clean.txt"]["text_file"]
    assert documents["letter.eml"]["address"] == "Sender <██████████████>"
    assert [d for d in documents if d.startswith("rows.csv")] == [
        "rows.csv#████████████", "rows.csv#██████████████"]  # fmt: skip


def test_mask_is_counted(tmp_path: Path) -> None:
    result = go(given(tmp_path / "in"), tmp_path / "out", mask="contacts")
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["masked"]
    assert result.masked == told
    assert told == {"phone": 5, "mail": 10, "address": 9, "postcode": 0, "documents": 10}
    assert read_tables(tmp_path / "out")["documents"]["masked"].sum() == 24
    go(tmp_path / "in", tmp_path / "open")
    assert "masked" not in json.loads((tmp_path / "open" / "run.json").read_text(encoding="utf-8"))
    assert read_tables(tmp_path / "open")["documents"]["masked"].isna().all()


def quoting(language: str, model: str = "fast") -> Engine:
    def broken(raws: Any) -> Any:
        for raw in raws:
            raise ValueError(f"cannot read {raw}")
        yield

    return replace(fakes.make_engine(language), extract_many=broken)


def test_mask_reaches_what_errors_quote(tmp_path: Path) -> None:
    given(tmp_path / "in")
    result = run(tmp_path / "in", tmp_path / "out", make_engine=quoting, link=fakes.link, mask="contacts")
    assert result.failures and "█" in result.failures[0].reason
    assert leaks(tmp_path / "out") == []


def test_mask_reaches_what_corrections_that_fail_quote(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(f"Bekova C. came. Tel. {PHONE}.", encoding="utf-8")
    go(tmp_path / "in", tmp_path / "open")
    sha256 = read_tables(tmp_path / "open")["documents"]["sha256"][0]
    wrong = Correction("right", "mention", sha256, label="PLACE", mention=f"0-{len(PHONE)}", text=PHONE)
    append_corrections(tmp_path / "corrections.csv", [wrong])
    go(tmp_path / "in", tmp_path / "out", mask="contacts", corrections=tmp_path / "corrections.csv")
    (note,) = read_tables(tmp_path / "out")["documents"]["note"]
    assert "could not be applied" in note
    assert leaks(tmp_path / "out") == []


def test_mask_after_an_open_run_leaves_nothing_of_it(tmp_path: Path) -> None:
    given(tmp_path / "in")
    out = tmp_path / "out"
    go(tmp_path / "in", out, formats=["sqlite"])
    (tmp_path / "in" / "letter.eml").unlink()
    with pytest.raises(OutputError, match="--keep-missing"):
        go(tmp_path / "in", out, mask="contacts", keep_missing=True)
    export(out, "openrefine")
    with pytest.raises(OutputError, match="export was not made of tables in which contacts are masked"):
        go(tmp_path / "in", out, mask="contacts")
    shutil.move(out / "export", tmp_path / "new" / "export")
    with pytest.raises(OutputError, match="export was not made of tables in which contacts are masked"):
        go(tmp_path / "in", tmp_path / "new", mask="contacts")
    result = go(tmp_path / "in", out, mask="contacts")
    assert leaks(out) == []
    assert not result.remarks
    # A second masked run has nothing to do; a run that forgets to mask says so.
    assert go(tmp_path / "in", out, mask="contacts").files["kept"] == 9
    assert "masked contacts" in go(tmp_path / "in", out).remarks[0]


def test_mask_other_rules_have_everything_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(tmp_path / "in")
    go(tmp_path / "in", tmp_path / "out", mask="contacts")
    monkeypatch.setattr("pipeline.running.masking.digest", lambda: "new rules")
    assert go(tmp_path / "in", tmp_path / "out", mask="contacts").files["new"] == 10


def test_mask_a_mention_that_is_part_of_a_contact_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Asanova B., director. Write to Address: Bekova C. str. 5.", encoding="utf-8")
    (document,) = single(tmp_path / "a.txt", mask="contacts", make_engine=fakes.make_engine, link=fakes.link)
    assert [m["text"] for m in document.tables["mentions"]] == ["Asanova B.", "director"]
    assert [p["name"] for p in document.tables["people"]] == ["Asanova B."]


def test_mask_without_the_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "find_spec", lambda name: None)
    with pytest.raises(contacts.ContactsError, match=r"pip install rollcall\[mask\]"):
        go(given(tmp_path / "in"), tmp_path / "out", mask="contacts")
    assert not (tmp_path / "out").exists()
