"""The comparison with other programs: labels, edges, the table; a stand-in takes the place of the peer."""

from __future__ import annotations

import pytest

from pipeline.training import peers
from pipeline.training.corpus import GoldDocument, GoldSpan
from pipeline.training.peers import Comparison, Peer, PeerError, extraction_of, started, table
from pipeline.training.scores import score


def test_peers_labels_are_mapped_and_edges_trimmed() -> None:
    text = "the National Library's “Anna Popova,” 12"
    found = [(0, 22, "ORG"), (23, 37, "PER"), (38, 40, "CARDINAL"), (0, 4, "ORG")]
    assert [(m.label, m.text) for m in extraction_of(text, "en", found).mentions] == [
        ("INSTITUTION", "National Library"),
        ("PERSON", "Anna Popova"),
    ]


def test_peers_table() -> None:
    text = "Anna Popova, director"
    spans = (GoldSpan("PERSON", 0, 11, "Anna Popova"), GoldSpan("ROLE", 13, 21, "director"))
    gold = GoldDocument("a", "en", "", text, spans)
    scores = score([(gold, extraction_of(text, "en", [(0, 11, "PER")]))])
    peer = Peer("other", ("PERSON", "INSTITUTION"), lambda: lambda _: [])
    lines = table(Comparison(peer, 1, scores, scores, 1234.4, 56789.0)).splitlines()
    figures = {line[:22].strip(): line[22:].split() for line in lines[1:]}
    assert figures["PERSON"] == ["1.000", "1.000"]
    assert figures["ROLE"] == ["-", "0.000"]
    assert figures["core that both have"] == ["1.000", "1.000"]
    assert figures["core"] == ["0.667", "0.667"]
    assert figures["tokens/s"] == ["1,234", "56,789"]


def test_peers_none_for_kazakh() -> None:
    with pytest.raises(PeerError, match="no peer for the language 'kk'; there are for en, ru"):
        started("kk")


def test_peers_one_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> peers.Finder:
        raise ModuleNotFoundError("no", name="natasha")

    monkeypatch.setitem(peers.PEERS, "ru", Peer("natasha", (), start))
    with pytest.raises(PeerError, match=r"natasha is not installed: pip install"):
        started("ru")
