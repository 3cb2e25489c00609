"""Linking gone on from the last one gives what linking all documents gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalisation_made import tagged

from pipeline.normalisation import (
    DocumentEntities,
    Entities,
    Given,
    kept,
    link,
    link_again,
    people_across,
    people_replay,
    pools,
    resolve_document,
)
from pipeline.normalisation.kept import KeptError, State

#: Sentences that meet in many ways: names of one kin and their readings, lone names, rare family names, bodies that
#: fit two others, generic names, abbreviations, parts of bodies, events of one slug.
SENTENCES = (
    "[P A. Kim], [R director] of the [I National Library of Kazakhstan].",
    "[P Kim Anna Petrovna], [R head] of the [I Abai Library].",
    "[P Anna Kim] of the [I Almaty State University].",
    "[P Kim] and [P A. P. Kim] came.",
    "[P Anton Kim], [R director] of the [I Abai Library in Almaty].",
    "[P B. Ermekova] of the [I Abai University].",
    "[P Bota Ermekova] and [P Ermekova].",
    "[P Serik Ermekova], [P Ermek Serikov].",
    "[P Ermek Serikov], [R professor] of [I Abai University in Almaty].",
    "[P Askar Nurlan] and [P Nurlan Askar].",
    "[P Nurlan] and [P A. Nurlan], [R head] of the [I Museum].",
    "The [I Museum] and [I NLRK].",
    "[I National Library of the Republic of Kazakhstan (NLRK)]; [P Anna Kim], [R director] of [I NLRK].",
    "[I NLRK] and the [I Abai Library in Astana].",
    "The [I Faculty of History] of the [I Abai University] with [P B. Ermekova].",
    "The [I Library] at the [E Silk Road] and the [E Silk road!].",
    "[I Abai Library], [P Kim A.], [E Silk Road].",
    "[I State Museum] and [I Regional Library in Almaty], [P Yu. Kim].",
    "[D 3 May 1905] [P Bota Ermekova], [R head] of the [I Abai Library].",
    "[D 4 May 2018] [P B. Ermekova], [R head] of the [I Abai Library], and [P Anna Kim].",
)
Texts = dict[str, str]


@pytest.fixture(autouse=True, scope="module")
def small_parts() -> Iterator[None]:
    """Few things are a part, so that what is kept has many."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pools, "_VALUES", 3)
        patched.setattr(pools, "_BYTES", 16)
        patched.setattr(pools, "_LATELY", 2)
        patched.setattr(kept, "_DOCUMENTS", 2)
        yield


def documents(texts: Texts) -> list[DocumentEntities]:
    return [resolve_document(tagged(text), name) for name, text in sorted(texts.items())]


def ids_before(last: Entities, before: list[DocumentEntities]) -> dict[tuple[str, int], tuple[str, str]]:
    """(document, start) → id and text, as a table of mentions has them."""
    return {
        (d.document_id, start): (last.entity_id(d.document_id, mention), text)
        for d in before
        for local in (*d.people, *d.institutions)
        for mention, start, text in zip(local.mentions, local.starts, local.texts, strict=True)
    }


def everything(last: Entities, before: list[DocumentEntities], now: list[DocumentEntities]) -> Entities:
    """All documents linked, with the ids of before."""
    known = ids_before(last, before)

    def earlier(document: DocumentEntities) -> tuple[dict[int, str], dict[int, str]]:
        people, bodies = (
            {
                start: known[document.document_id, start][0]
                for local in locals_
                for start, text in zip(local.starts, local.texts, strict=True)
                if known.get((document.document_id, start), ("", ""))[1] == text
            }
            for locals_ in (document.people, document.institutions)
        )
        return people, bodies

    return link(now, Given(earlier=lambda: earlier), reasons=False)


def put_away(state: State) -> State:
    """A state that was kept and is read again; what did not change lies where it was read from."""
    parts = {(name, part): value for name, part, value in state.parts()}
    blocks = state.blocks

    def read(name: str, part: int) -> bytes | None:
        if name == "documents" and part >= blocks:
            return None
        return parts[name, part] if (name, part) in parts else state.read(name, part)

    return State(read)


def again(last: Entities, before: list[DocumentEntities], now: list[DocumentEntities]) -> Entities:
    """Gone on from the last linking, which was put away meanwhile."""
    assert last.state is not None
    state = put_away(last.state)
    old, new = ({d.document_id: d for d in some} for some in (before, now))
    gone = [d for d in before if new.get(d.document_id) != d]
    return link_again(state, gone, [d for d in now if old.get(d.document_id) != d])


def told(entities: Entities, some: list[DocumentEntities]) -> list[str]:
    """The ids of all mentions of documents."""
    return [
        entities.entity_id(d.document_id, mention)
        for d in some
        for local in (*d.people, *d.institutions, *d.events)
        for mention in local.mentions
    ]


def check(*rounds: Texts) -> Entities:
    """Whether each round, gone on from the one before, is as linking everything; the last of them."""
    before = documents(rounds[0])
    last = link(before, reasons=False, keep=True)
    for texts in rounds[1:]:
        now = documents(texts)
        whole, more = everything(last, before, now), again(last, before, now)
        assert list(more.people) == whole.people
        assert list(more.institutions) == whole.institutions
        assert sorted(map(str, more.changes)) == sorted(map(str, whole.changes))
        assert told(more, now) == told(whole, now)
        assert more.affected is not None
        same = [d for d in before if d.document_id not in more.affected and d in now]
        assert told(more, same) == told(last, same), "in documents that are not affected ids stay"
        last, before = more, now
    return last


def rounds_of(first: Texts, changes: list[dict[str, str | None]]) -> list[Texts]:
    """An archive as it is at first and after each change, which gives new texts or takes documents away."""
    rounds = [first]
    for each in changes:
        rounds.append({name: text for name, text in {**rounds[-1], **each}.items() if text is not None})
    return rounds


texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)
archive = st.dictionaries(st.sampled_from([f"{n}.txt" for n in range(8)]), texts, max_size=8)
change = st.dictionaries(st.sampled_from([f"{n}.txt" for n in range(8)]), st.none() | texts, max_size=3)


@settings(max_examples=120)
@given(archive, st.lists(change, min_size=1, max_size=4))
def test_linking_again_after_any_changes_is_linking_everything(
    first: Texts, changes: list[dict[str, str | None]]
) -> None:
    check(*rounds_of(first, changes))


#: Many people of one family name and first sound, of whom only some are looked at for each other.
CROWD = (
    "[P A. Kim], [R head].",
    "[P Anton Kim] and [P Alma Kim].",
    "[P Aida Kim], [R poet].",
    "[P A. A. Kim] and [P Anna Kim] of the [I Museum of Almaty].",
    "[P Arman Kim]; [P A. S. Kim], [R director].",
    "[P Kim Asel Petrovna] and [P Kim A.].",
    "[P Ayan Kim] with [P Serik Ermekov].",
    "[P Asel Kim-Nurlan] and [P Kim].",
    "[P A. Nurlan-Kim], [R head].",
    "[P A. Ermekova-Kim] and [P Nurlan].",
)
crowds = st.lists(st.sampled_from((*SENTENCES, *CROWD)), min_size=1, max_size=3).map(" ".join)
names = st.sampled_from([f"{n}.txt" for n in range(12)])


@settings(max_examples=60)
@given(
    st.dictionaries(names, crowds, max_size=12),
    st.lists(st.dictionaries(names, st.none() | crowds, max_size=3), min_size=1, max_size=3),
)
def test_linking_again_where_only_some_of_a_crowd_are_looked_at_is_linking_everything(
    first: Texts, changes: list[dict[str, str | None]]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for module in (people_across, people_replay):
            patched.setattr(module, "CROWD", 2)
        check(*rounds_of(first, changes))


def test_linking_again_a_new_file_makes_one_kin_of_two_and_its_going_parts_them() -> None:
    post = "[R head] of the [I Abai Library]."
    two = {"1": f"[P Sardar Bekov], {post}", "2": f"[P A. Bekov], {post}"}
    three = {**two, "3": f"[P Sardar A. Bekov], {post}"}
    assert len(check(two, three).people) < 3
    assert len(check(two, three, two).people) == 2


def test_linking_again_a_family_name_that_is_not_rare_any_more_parts_people() -> None:
    rare = {"1": "[P B. Ermekova]", "2": "[P B. Ermekova]"}
    common = {**rare, "3": "[P D. Ermekova]"}
    assert len(check(common, rare).people) == 1
    assert len(check(rare, common).people) == 3


def test_linking_again_a_document_with_another_date_parts_people() -> None:
    post = "[P John Smith], [R head] of the [I Abai Library]."
    near = {"1": f"[D 3 May 1990]\n{post}", "2": f"[D 3 May 2018]\n{post}"}
    far = {**near, "1": f"[D 3 May 1905]\n{post}"}
    assert len(check(near, far).people) == 2
    assert len(check(far, near).people) == 1


def test_linking_again_bodies_that_become_one_bear_on_the_people_of_other_documents() -> None:
    texts = {
        "1": "[P A. Kim], [R director] of [I NLRK].",
        "2": "[P Anna Kim], [R director] of the [I National Library of Kazakhstan].",
        "4": "[P B. Kim].",
    }
    check(texts, {**texts, "3": SENTENCES[12]}, texts)


def test_linking_again_a_lone_name_finds_its_bearer_and_loses_her() -> None:
    bearer = {"1": "[P Anna Kim], [R director] of the [I Abai Library]."}
    alone = {"2": "[P Kim], [R director] of the [I Abai Library]."}
    check(bearer, {**bearer, **alone}, alone, {**bearer, **alone})
    check(alone, {**bearer, **alone}, bearer, {**bearer, **alone})
    elsewhere = {"2": "[P Kim], [R head] of the [I State Museum in Astana]."}
    assert len(check({**bearer, **elsewhere}, {**bearer, **alone}, {**bearer, **elsewhere}).people) == 2


def test_linking_again_a_reading_that_ties_names_comes_and_goes() -> None:
    one = {"1": "[P Askar Nurlan], [R head] of the [I Abai Library].", "3": "[P A. Nurlan]", "4": "[P N. Askar]"}
    tie = {"2": "[P Nurlan Askar], [R head] of the [I Abai Library]."}
    check(one, {**one, **tie}, one, {**one, **tie})


def test_linking_again_company_decides_anew_where_bodies_became_one() -> None:
    apart = {
        "1": "[P A. Kim], [R guard] of [I XKZW].",
        "2": "[P Anna Kim], [R keeper] of the [I Almaty School of Trade].",
        "4": "[P Aida Kim].",
    }
    joint = {**apart, "3": "the [I Almaty School of Trade] ([I XKZW])."}
    assert len(check(apart, joint).people) == 2
    assert len(check(joint, apart).people) == 3


def test_linking_again_an_abbreviation_goes_to_the_body_that_introduces_it() -> None:
    bare = {"1": "[I AMA] with [P A. Kim].", "2": "[I AMA] with [P B. Ermekova]."}
    one = {"3": "The [I Almaty School of Trade] ([I AMA]) with [P A. Kim]."}
    other = {"4": "The [I Astana Theatre] ([I AMA]) with [P B. Ermekova]."}
    check(bare, {**bare, **one}, {**bare, **one, **other}, {**bare, **other}, bare)


def test_linking_again_an_abbreviation_goes_to_the_one_body_whose_initials_it_gives() -> None:
    bare = {"1": "[I AMA] with [P A. Kim].", "2": "[I AMA]."}
    one = {**bare, "3": "The [I Abai Museum of Almaty]."}
    assert len(check(bare, one).institutions) == 1
    two = {**one, "4": "The [I Auezov Museum of Astana].", "5": "[I AMA]"}
    assert len(check(one, two).institutions) == 3
    check(two, one, bare, two)


def test_linking_again_events_of_one_slug_get_other_numbers() -> None:
    title = "International Conference on the History of Libraries and Museums in the Cities of Central Asia"
    first = {"2": f"[E {title}: Bees]", "3": f"[E {title}: Dogs]", "4": "[E Silk Road]"}
    more = {**first, "9": f"[E {title}: Dawn]"}
    before, after = (documents(texts) for texts in (first, more))
    last = link(before, reasons=False, keep=True)
    assert told(last, before)[1].endswith("-2")
    assert told(again(last, before, after), after)[1].endswith("-3")
    check(first, more, first)


def test_linking_again_a_changed_file_whose_text_stands_elsewhere_takes_an_id_with_it() -> None:
    texts = {"1": "[P Anna Kim] came.", "2": "[P Anna Kim] and [P Bota Ermekova]."}
    check(texts, {**texts, "1": "[P Anna Kim] [P Bota Ermekova]", "3": "[P Bota Ermekova]"}, texts)
    moved = dict.fromkeys(("1", "2"), "[P Anna Kim], [R head] of the [I Abai Library].")
    check(moved, {**moved, "1": "[P Anna Kim Jr.] alone"}, {**moved, "1": "[P Anna Kim] [P Anna Kimova]"})


def test_linking_again_ids_that_others_wish_for_are_kept() -> None:
    texts = {"5": "[P V. Kim]", "6": "[P V. Kim]"}
    more = {**texts, "1": "[P V. Kim]", "7": "[P Kim Viktoria Nikolaevna]", "8": "[P Kim Valentina Ilyinichna]"}
    last = check(texts, more, {name: text for name, text in more.items() if name != "5"})
    assert {"kim-v-2", "kim-v-3"} <= {p.id for p in last.people}


def test_linking_that_was_kept_is_refused_where_a_part_is_missing_or_cut() -> None:
    state = link(documents({"1": SENTENCES[0]}), reasons=False, keep=True).state
    assert state is not None
    parts = {(name, part): value for name, part, value in state.parts()}
    State(lambda name, part: parts.get((name, part)))
    for name, cut in (("documents", parts["documents", 0][:-1]), ("names.kin", b""), ("of", None)):
        with pytest.raises(KeptError):
            State(lambda n, p, name=name, cut=cut: cut if (n, p) == (name, 0) else parts.get((n, p)))


@pytest.mark.parametrize("names", ["same place", "same document"])
def test_linking_where_places_do_not_tell_mentions_apart_is_not_kept(names: str) -> None:
    (document,) = documents({"1": "[P A. Kim] and [P B. Ermekova]"})
    if names == "same document":
        assert link([document, document], reasons=False, keep=True).state is None
    else:
        person = document.people[0]
        twice = type(document)(document.document_id, "en", "", (person, person))
        assert link([twice], reasons=False, keep=True).state is None
