"""The linker: names that are mentioned often, roles that tell their institution by a word, reports in turn."""

from collections.abc import Sequence

from pipeline.extraction.candidates import REPORT_PERSON, ROLE_INSTITUTION, Page, candidates
from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import blank
from pipeline.extraction.linker import Linker, Links, Thresholds, alternatives_of
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.tokens import tokens_of

THRESHOLDS = {"rp": Thresholds(0.4, 0.35), "ri": Thresholds(None, 0.35), "tp": Thresholds(0.4, 0.2)}


def page(text: str, mentions: Sequence[tuple[str, str]], linker: Linker) -> Page:
    """The page of a text; mentions are found in order, each after the one before."""
    (document,) = Document.all_of([tokens_of(blank("en").make_doc(text))])
    starts, ends = document.tokens.starts.tolist(), document.tokens.ends.tolist()
    spans, at = [], 0
    for label, name in mentions:
        start = text.index(name, at)
        at = start + len(name)
        spans.append((starts.index(start), ends.index(at) + 1, label))
    return linker.page(document.tokens, document.words, spans)


def linker(**weights: float) -> Linker:
    return Linker(Ranker({name.replace("_", ":"): w for name, w in weights.items()}), "en", THRESHOLDS)


def test_what_speaks_for_each_mention_of_a_name_is_added_up() -> None:
    text = "Orda Museum\nOrda Museum\nOrda Museum\nThe director spoke."
    names = [("INSTITUTION", "Orda Museum")] * 3
    found = linker(none_ri=1.0)
    often = found.link(page(text, [*names, ("ROLE", "director")], found))
    once = found.link(page(text, [names[0], ("ROLE", "director")], found))
    assert [round(p, 2) for _, p in often.institutions[3]] == [0.52]  # 3 alternatives of score 0 beside e
    assert once.institutions[1] == []


def test_a_far_institution_is_a_candidate_when_the_role_shares_a_word_with_it() -> None:
    far = "The Akmola Regional Library holds a day of readers."
    text = far + " Guests came from A1 Institute," * 8 + " and the director of the library spoke."
    mentions = [
        ("INSTITUTION", "Akmola Regional Library"), ("INSTITUTION", "A1 Institute"), ("INSTITUTION", "A1 Institute"),
        *[("INSTITUTION", "A1 Institute")] * 6, ("ROLE", "director"),
    ]  # fmt: skip
    found = linker()
    seen = page("A1 Institute. " + text, [("INSTITUTION", "A1 Institute"), *mentions], found)
    role = len(mentions)
    assert 1 in candidates(seen, role, ROLE_INSTITUTION)
    apart = page("A1 Institute. " + text.replace("of the library", "of it"), [mentions[1], *mentions], found)
    assert 1 not in candidates(apart, role, ROLE_INSTITUTION)


def test_a_role_goes_with_the_institution_that_it_names_by_a_word() -> None:
    text = "Orda Museum and Syr Library met. The director of the museum, Mr Bekov, spoke."
    mentions = [
        ("INSTITUTION", "Orda Museum"), ("INSTITUTION", "Syr Library"), ("ROLE", "director"), ("PERSON", "Bekov"),
    ]  # fmt: skip
    found = linker(**{"ri_swa=True": 3.0})
    assert [other for other, _ in found.link(page(text, mentions, found)).institutions[2]] == [0]


def test_who_has_had_a_turn_is_told_to_the_next_report() -> None:
    text = "Bekov spoke on Salt. Orlova spoke on Trade."
    mentions = [("PERSON", "Bekov"), ("REPORT", "Salt"), ("PERSON", "Orlova"), ("REPORT", "Trade")]
    found = linker()
    _, rows = alternatives_of(page(text, mentions, found), 3, REPORT_PERSON, None, {1: frozenset(["bekov"])})
    assert ["tp:pv=same" in row for row in rows] == [True, False, False]
    assert ["tp:used=1" in row for row in rows] == [True, False, False]
    tired = linker(**{"tp_pv=same": -5.0, "tp<": 5.0})
    links: Links = tired.link(page(text, mentions, tired))
    assert [[other for other, _ in links.speakers[report]] for report in (1, 3)] == [[0], [2]]
