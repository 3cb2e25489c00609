"""Judgements, authority records and kept ids through a run, and what `entity`, `why` and `judge` say of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from pipeline.normalisation import document_date, normalise_mention, resolve_document
from pipeline.normalisation.judgements import JudgementError
from pipeline.normalisation.roles import canonical
from pipeline.reading import InputError
from pipeline.records import Affiliation, Extraction, Mention, Report
from pipeline.running import RunResult, engine, run
from pipeline.running.dossier import Dossiers, sentence
from pipeline.running.engine import Engine
from pipeline.running.judging import judge

_MENTION = re.compile(
    r"(?P<PERSON>(?:[A-Z]\.\s?)+[A-Z]\w+|(?:Aigul|Serik) \w+)|(?P<ROLE>director)|(?P<INSTITUTION>Abai Museum)"
    r"|\"(?P<REPORT>[^\"]+)\""
)


def extraction(raw: str) -> Extraction:
    mentions = tuple(
        Mention(m.lastgroup, m.start(m.lastgroup), m.end(m.lastgroup), m[m.lastgroup])
        for m in _MENTION.finditer(raw)
        if m.lastgroup
    )
    labels = [m.label for m in mentions]
    affiliations = [
        Affiliation(i, i + 1, i + 2, mentions[i].start, mentions[i + 2].end)
        for i in range(len(mentions) - 2)
        if labels[i : i + 3] == ["PERSON", "ROLE", "INSTITUTION"]
    ]
    reports = [
        Report(i, i - 1, None, None, "report", None, mentions[i - 1].start, mentions[i].end)
        for i in range(1, len(mentions))
        if labels[i - 1 : i + 1] == ["PERSON", "REPORT"]
    ]
    return Extraction(raw, "en", mentions, tuple(affiliations), tuple(reports))


def extract_many(raws: Iterable[str]) -> Iterator[Extraction]:
    return map(extraction, raws)


def make_engine(language: str, model: str = "fast") -> Engine:
    return Engine(extract_many, resolve_document, normalise_mention, canonical, document_date)


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_engine", make_engine)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    told = "Aigul Omarova, director of the Abai Museum, spoke. Prof. A. Omarova smiled."
    (tmp_path / "in" / "a.txt").write_text(told)
    (tmp_path / "in" / "b.txt").write_text('In 1999 Aigul Omarova read "Old maps". Serik Temirov listened.')
    return tmp_path


def go(work: Path, **settings: Path) -> RunResult:
    return run(work / "in", work / "out", language="en", **settings)  # type: ignore[arg-type]


def people(work: Path) -> dict[str, str]:
    """Id → the places of its mentions, of all people."""
    with (work / "out" / "mentions.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["label"] == "PERSON"]
    found: dict[str, str] = {}
    for row in rows:
        found[row["entity_id"]] = f"{found.get(row['entity_id'], '')} {row['document_id']}:{row['start']}".strip()
    return found


def test_why_shows_sentences_evidence_and_company(work: Path) -> None:
    go(work)
    told = Dossiers(work / "out").why("omarova-aigul")
    assert [seen.place for seen in told.mentions] == ["a.txt:0", "a.txt:57", "b.txt:8"]
    assert told.mentions[1].sentence == "Prof. [A. Omarova] smiled."
    assert told.mentions[2].sentence == 'In 1999 [Aigul Omarova] read "Old maps".'
    (pair,) = told.pairs
    assert (pair.one, pair.other) == ("A. Omarova", "Aigul Omarova")
    assert pair.evidence == "same family name, same first initial"


def test_why_says_when_a_text_has_changed_or_gone(work: Path) -> None:
    go(work)
    (work / "in" / "a.txt").unlink()
    (work / "in" / "b.txt").write_text("Something else stands here now, which is longer.")
    told = Dossiers(work / "out").why("omarova-aigul")
    assert [seen.missing for seen in told.mentions] == [
        "the file is not where it was",
        "the file is not where it was",
        "the file has changed since the run",
    ]


def test_entity_is_found_by_a_part_of_its_name_in_another_script(work: Path) -> None:
    go(work)
    dossiers = Dossiers(work / "out")
    assert dossiers.find("Омарова") == ["omarova-aigul"]
    assert dossiers.find("museum") == ["abai-museum"]
    card = dossiers.card("omarova-aigul")
    assert card.affiliations == [("", "director, Abai Museum", "a.txt")]
    assert card.reports == [("", "Old maps", "b.txt")]


def test_a_judgement_is_applied_on_every_run_and_undone_by_one_more_line(work: Path) -> None:
    go(work)
    before = people(work)
    made, path = judge(work / "out", "same", "omarova-aigul", "temirov-serik", when=datetime(2026, 1, 1, tzinfo=UTC))
    assert path == work / "out" / "judgements.csv"
    assert (made.one_at, made.other_at) == ("a.txt:0", "b.txt:39")
    kept = path.read_bytes()
    go(work)
    joined = people(work)
    assert len(joined) == 1
    go(work)
    assert people(work) == joined
    assert path.read_bytes() == kept
    assert [j.verdict for j in Dossiers(work / "out").why(next(iter(joined))).judgements] == ["same"]
    judge(work / "out", "undo", "omarova-aigul", "temirov-serik", when=datetime(2026, 1, 2, tzinfo=UTC))
    go(work)
    assert people(work) == before


@pytest.mark.parametrize("pair", [("omarova-aigul", "temirov-serik"), ("temirov-serik", "omarova-aigul")])
def test_a_line_written_by_hand_with_ids_alone_holds_from_run_to_run(work: Path, pair: tuple[str, str]) -> None:
    (work / "in" / "c.txt").write_text("Serik Temirov came. " * 5)
    go(work)
    (work / "out" / "judgements.csv").write_text(f"verdict,one,other\nsame,{pair[0]},{pair[1]}\n", encoding="utf-8")
    for _ in range(3):
        assert go(work).notes == ()
        assert len(people(work)) == 1


def test_two_mentions_judged_different_divide_a_person(work: Path) -> None:
    go(work)
    judge(work / "out", "different", "a.txt:0", "b.txt:8")
    go(work)
    places = set(people(work).values())
    assert {"a.txt:0 a.txt:57", "b.txt:8", "b.txt:39"} == places


def test_what_is_judged_no_entity_leaves_the_tables_but_not_the_mentions(work: Path) -> None:
    go(work)
    judge(work / "out", "not-an-entity", "temirov-serik")
    go(work)
    assert people(work) == {"omarova-aigul": "a.txt:0 a.txt:57 b.txt:8", "": "b.txt:39"}
    with pytest.raises(InputError):
        Dossiers(work / "out").row("temirov-serik")


def test_judgements_that_say_nothing_are_refused(work: Path) -> None:
    go(work)
    out = work / "out"
    with pytest.raises(JudgementError, match="To divide it, name two of its mentions"):
        judge(out, "different", "omarova-aigul", "omarova-aigul")
    with pytest.raises(JudgementError, match="one is a person and one an institution"):
        judge(out, "same", "omarova-aigul", "abai-museum")
    with pytest.raises(InputError, match="There is no entity 'nobody'"):
        judge(out, "not-an-entity", "nobody")
    assert not (out / "judgements.csv").exists()


def test_a_judgement_of_what_is_not_there_is_told(work: Path) -> None:
    judgements = work / "mine.csv"
    judgements.write_text("verdict,one,other\nsame,omarova-aigul,nobody\n", encoding="utf-8")
    result = go(work, judgements=judgements)
    assert result.notes == ("judgement not applied: omarova-aigul same nobody: not both are there in these documents.",)


def test_ids_stay_when_files_are_added_and_merges_are_logged(work: Path) -> None:
    (work / "in" / "a.txt").write_text("A. Sherniyazova opened the Abai Museum.")
    (work / "in" / "b.txt").unlink()
    go(work)
    assert set(people(work)) == {"sherniyazova-a"}
    (work / "in" / "c.txt").write_text("Aigul Sherniyazova, director of the Abai Museum, and Serik Temirov.")
    go(work)
    assert people(work)["sherniyazova-a"] == "a.txt:0 c.txt:0"
    assert (work / "out" / "changes.csv").read_text().splitlines() == ["entity_id,now,change"]
    judge(work / "out", "same", "sherniyazova-a", "temirov-serik")
    go(work)
    assert (work / "out" / "changes.csv").read_text().splitlines()[1:] == ["temirov-serik,sherniyazova-a,merged"]


def test_another_input_in_the_same_folder_inherits_no_ids(work: Path) -> None:
    go(work)
    (work / "in" / "a.txt").write_text("Serik Akhmetov, director of the Abai Museum, spoke.")
    go(work)
    assert people(work)["akhmetov-serik"] == "a.txt:0"


def test_authority_records_fill_their_columns(work: Path) -> None:
    authority = work / "authority.csv"
    authority.write_text("name,kind,viaf\nOmarova Aigul,person,42\n", encoding="utf-8")
    go(work, authority=authority)
    with (work / "out" / "people.csv").open(encoding="utf-8", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["person_id"] == "omarova-aigul")
    assert (row["authority_id"], row["authority_score"]) == ("viaf:42", "3.0000")
    assert row["authority_reason"] == "Omarova Aigul: same family name, same given name"


@pytest.mark.parametrize(
    ("raw", "marked"),
    [
        ("One came. Prof. B.K. [Omarova] spoke. Two left.", "Prof. B.K. [Omarova] spoke."),
        ("Heading\n\n[Omarova] spoke", "[Omarova] spoke"),
        ("One came. [Omarova] spoke. Two left.", "[Omarova] spoke."),
        ("Он пришёл. «Да», – сказала [Омарова]. Все.", "«Да», – сказала [Омарова]."),
    ],
)
def test_a_sentence_is_cut_at_its_ends_not_at_initials(raw: str, marked: str) -> None:
    start = raw.index("[")
    end = raw.index("]") - 1
    assert sentence(raw.replace("[", "").replace("]", ""), start, end) == marked


def test_a_long_sentence_is_cut_between_words_and_says_so() -> None:
    words = "neighbours " * 60
    raw = f"{words}[Omarova] {words}"
    start, end = raw.index("["), raw.index("]") - 1
    told = sentence(raw.replace("[", "").replace("]", ""), start, end)
    assert told.startswith("… neighbours neighbours") and told.endswith("neighbours neighbours …")
    assert "neighbours [Omarova] neighbours" in told and set(told.split()) == {"…", "neighbours", "[Omarova]"}
    assert sentence("x" * 2000, 900, 901).count("x") == 801  # where there are no words


def test_commands_find_explain_and_judge(work: Path) -> None:
    go(work)

    def say(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.app, [*arguments, "--out", str(work / "out")])
        return result.exit_code, result.output

    code, told = say("entity", "Omarova")
    assert code == 0
    assert told.startswith("Aigul Omarova · omarova-aigul · 3 mentions in 2 documents\nRoles\n")
    code, told = say("why", "omarova-aigul")
    assert code == 0
    assert "  a.txt:57 Prof. [A. Omarova] smiled.\n" in told
    code, told = say("judge", "preferred", "omarova-aigul", "Omarova, Aigul", "--who", "me", "--why", "as in her books")
    assert code == 0
    assert "It takes effect with the next `rollcall run`." in told
    code, told = say("judge", "alike", "a", "b")
    assert code == 2
    assert "none of same, different, undo, preferred, not-an-entity" in told
    assert say("entity", "Nobody")[0] == 2
    assert say("why", "nobody")[0] == 2
    go(work)
    assert Dossiers(work / "out").row("omarova-aigul")["name"] == "Omarova, Aigul"
