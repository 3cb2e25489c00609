"""The linker: names that are mentioned often, roles that tell their institution by a word, reports in turn."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extraction.book import Book
from pipeline.extraction.candidates import (
    REPORT_PERSON,
    ROLE_INSTITUTION,
    ROLE_PERSON,
    Kind,
    Page,
    Turns,
    candidates,
)
from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import blank
from pipeline.extraction.lexicon import Lexicon
from pipeline.extraction.linker import Linker, Links, Thresholds, alternatives_of, nearest
from pipeline.extraction.pairs import Pairs
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.sums import KEPT, Names, Sums
from pipeline.extraction.tokens import LINE, NO_BREAK, PARAGRAPH, Tokens, tokens_of
from pipeline.records import Text

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


def pairs_of(seen: Page, kind: Kind, chosen: dict[int, int | None] | None = None) -> Pairs:
    return Pairs.of(Book.of([seen], Names()), kind, None if chosen is None else [chosen])


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
    seen = page(text, mentions, found)
    pairs = pairs_of(seen, REPORT_PERSON)
    earlier = Turns(seen)
    turns = earlier.of(1, [0, 2])
    earlier.add(1, [0])
    turns += earlier.of(3, [0, 2])
    _, (_, others, rows) = alternatives_of(pairs, turns)
    assert others == [0, 2]
    assert ["tp:pv=same" in row for row in rows] == [True, False, False]
    assert ["tp:used=1" in row for row in rows] == [True, False, False]
    tired = linker(**{"tp_pv=same": -5.0, "tp<": 5.0})
    links: Links = tired.link(page(text, mentions, tired))
    assert [[other for other, _ in links.speakers[report]] for report in (1, 3)] == [[0], [2]]


def test_people_named_together_share_a_report_and_others_do_not() -> None:
    text = "Orlov thanked Bekov, archivist of Orda Museum, and Weber. They read the joint report Salt."
    mentions = [
        ("PERSON", "Orlov"), ("PERSON", "Bekov"), ("ROLE", "archivist"), ("INSTITUTION", "Orda Museum"),
        ("PERSON", "Weber"), ("REPORT", "Salt"),
    ]  # fmt: skip
    found = linker(**{"tp<fel=nearest2j": 3.0, "tp<fel=fellow2j": 3.0})
    speakers = found.link(page(text, mentions, found)).speakers[5]
    assert sorted(other for other, _ in speakers) == [1, 4]
    alone = found.link(page(text.replace(" joint", ""), mentions, found)).speakers[5]
    assert alone == []


def test_a_less_likely_speaker_is_taken_when_named_together_with_the_likeliest() -> None:
    mentions = [("PERSON", "Bekov"), ("PERSON", "Weber"), ("REPORT", "Salt")]
    found = Linker(Ranker({"tp<rank=0": 0.7}), "en", {"tp": Thresholds(0.4, 0.4, 0.2)})  # 0.50 and 0.25
    together = found.link(page("Bekov and Weber spoke on Salt.", mentions, found))
    assert [other for other, _ in together.speakers[2]] == [1, 0]
    apart = found.link(page("Bekov opened the day, then Weber spoke on Salt.", mentions, found))
    assert [other for other, _ in apart.speakers[2]] == [1]


def weight(feature: str) -> float:
    """Some weight for any feature, which half precision holds."""
    return (crc32(feature.encode()) % 64 - 32) / 64


WORDS = ["the", "of", ",", "(", ")", "and", "by", "-", ".", "/", "¶", "was", "spoke", "“", "”", ":", "museum", "шығыс"]
NAMED = st.tuples(
    st.sampled_from(["PERSON", "ROLE", "INSTITUTION", "INSTITUTION", "REPORT"]),
    st.sampled_from(["Orda Museum", "the head", "Head of the museum", "A Bekov", "Salt and Trade", "Syr"]),
)
FEW, MANY = (st.lists(st.sampled_from(WORDS), min_size=fewest, max_size=most) for fewest, most in ((0, 4), (9, 30)))
TOLD = st.lists(st.tuples(st.one_of(FEW, MANY), NAMED), min_size=2, max_size=12)
Told = list[tuple[list[str], tuple[str, str]]]


def page_with(told: Told, by: Linker) -> Page:
    """A page of these words and mentions; `/` and `¶` stand for a new line and a new paragraph."""
    words: list[str] = []
    breaks, spans, now = [], [], PARAGRAPH
    for between, (label, name) in told:
        for word in [*between, ""]:
            if word in ("/", "¶"):
                now = LINE if word == "/" else PARAGRAPH
                continue
            more = [word] if word else name.split()
            if not word:
                spans.append((len(words), len(words) + len(more), label))
            words += more
            breaks += [now] + [NO_BREAK] * (len(more) - 1)
            now = NO_BREAK
    zeros = np.zeros(len(words), np.int32)
    tokens = Tokens(
        Text.of(""), Lexicon(), zeros, zeros, zeros, np.array(breaks, np.uint8), np.zeros(len(words), np.bool_)
    )
    return by.page(tokens, words, spans)


def one_by_one(
    model: Ranker, seen: Page, kind: Kind, chosen: dict[int, int | None] | None = None
) -> dict[int, dict[str, float]]:
    """The probability of each name for each anchor, from features that are spelled out one by one."""
    found: dict[int, dict[str, float]] = {}
    for anchor, others, rows in alternatives_of(pairs_of(seen, kind, chosen)):
        sums = found[anchor] = {}
        for other, probability in zip(others, model.probabilities(rows), strict=False):
            sums[seen.texts[other]] = sums.get(seen.texts[other], 0.0) + probability
    return found


@given(st.lists(TOLD, min_size=1, max_size=3))
@settings(max_examples=40)
def test_a_batch_is_scored_by_the_weights_of_all_features(batch: list[Told]) -> None:
    pages = [page_with(told, linker()) for told in batch]
    names = {
        feature
        for seen in pages
        for person in (None, *seen.by_label.get("PERSON", ()))
        for kind in (ROLE_PERSON, ROLE_INSTITUTION, REPORT_PERSON)
        for chosen in [dict.fromkeys(range(len(seen.spans)), person) if kind is ROLE_INSTITUTION else None]
        for _, _, rows in alternatives_of(pairs_of(seen, kind, chosen))
        for row in rows
        for feature in row
    }
    model = Ranker({feature: weight(feature) for feature in names})
    all_taken = Linker(model, "en", dict.fromkeys(("rp", "ri", "tp"), Thresholds(0.0, 0.0)))
    for _ in range(2):  # the second time from what was kept
        for seen, links in zip(pages, all_taken.link_all(pages), strict=True):
            persons = one_by_one(model, seen, ROLE_PERSON)
            chosen = {role: nearest(role, [p for p, _ in found]) for role, found in links.persons.items()}
            for found, wanted in (
                (links.persons, persons),
                (links.institutions, one_by_one(model, seen, ROLE_INSTITUTION, chosen)),
            ):
                told = {a: {seen.texts[o]: round(p, 9) for o, p in others} for a, others in found.items() if others}
                assert told == {a: {t: round(p, 9) for t, p in of.items()} for a, of in wanted.items()}


def test_what_is_kept_of_documents_has_a_bound() -> None:
    sums = Sums(Ranker({}))
    names = sums.names
    names.texts.numbers(map(str, range(KEPT - 1)))
    sums.trim()
    assert sums.names is names
    names.texts.numbers(["one more"])
    sums.trim()
    assert sums.names is not names


def test_features_have_the_names_that_models_know() -> None:
    text = "Orda Museum: the head of the department, A. Bekov, spoke.\nThe head of Syr Library listened."
    mentions = [
        ("INSTITUTION", "Orda Museum"), ("ROLE", "head of the department"), ("PERSON", "A. Bekov"), ("ROLE", "head"),
        ("INSTITUTION", "Syr Library"),
    ]  # fmt: skip
    pairs = pairs_of(page(text, mentions, linker()), ROLE_INSTITUTION, {1: 2, 3: None})
    (_, others, (orda, *_)), (_, _, (*_, none)) = alternatives_of(pairs)
    assert others == [0, 4]
    assert sorted(orda) == [
        "<ri:a=, P", "<ri:b=: the", "<ri:h=head", "<ri:len=4False", "<ri:n=the_,", "<ri:t=department",
        "<ri:w=head of the department", "<s0ri:a=, P", "<s0ri:b=: the", "<s0ri:h=head", "<s0ri:len=4False",
        "<s0ri:n=the_,", "<s0ri:t=department", "<s0ri:w=head of the department", "ri:hl=headmuse", "ri:swa=False",
        "ri:swb=False", "ri:swr=False", "ri<", "ri<bey=:", "ri<breaks=00", "ri<dist=2", "ri<first=:",
        "ri<gap=5role", "ri<has=:", "ri<has=the", "ri<known=1mf", "ri<known=1mfhead of the department",
        "ri<known=1mfs", "ri<last=the", "ri<let=", "ri<out=¶", "ri<out=¶bey=:", "ri<pat=: the", "ri<pat=: the|¶|:",
        "ri<person=role", "ri<person=role0", "ri<pp=role: the R ,", "ri<rank=0", "ri<rank=0rivals=0s",
        "ri<rivals=0", "ri<same=s", "ri<same=s0", "ri<stops=0", "ri<swa=False", "ri<swb=False", "ri<swr=False",
        "rih=headi=muse", "rih=headi=orda", "rit=depai=muse", "rit=depai=orda",
    ]  # fmt: skip
    assert sorted(none) == [
        "0ri:a=of I", "0ri:b=. the", "0ri:h=head", "0ri:len=1False", "0ri:n=the_of", "0ri:t=head", "0ri:w=head",
        "none:ri", "none:ri2", "none:rialone",
    ]  # fmt: skip
