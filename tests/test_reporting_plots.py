"""Plots: what is drawn is what was counted."""

from __future__ import annotations

from lxml import etree

from pipeline.reporting.plots import MOST_NODES, bars, network, timeline

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_have_a_place_for_each_year() -> None:
    drawn = etree.fromstring(bars({"1998": 2, "2001": 4}, "By <year>"))
    told = [t.text for t in drawn.iter(f"{SVG}title")]
    assert told == ["1998: 2", "1999: 0", "2000: 0", "2001: 4"]
    heights = [float(b.get("height")) for b in drawn.iter(f"{SVG}rect")]
    assert heights[3] == 2 * heights[0] > 0 and heights[1] == 0
    assert drawn.get("aria-label") == "By <year>"


def test_timeline_leaves_out_what_has_no_date() -> None:
    assert timeline([("", "director", "a")], "x") == ""
    drawn = etree.fromstring(timeline([("1998", "director", "a"), ("2001", "director", "b"), ("", "z", "c")], "x"))
    assert len(list(drawn.iter(f"{SVG}circle"))) == 2


def test_network_draws_the_most_tied_only_and_the_same_every_time() -> None:
    names = {f"n{i}": (f"<b>{i}", "p", f"p/{i}.html") for i in range(80)}
    ties = {(f"n{i}", f"n{(i + 1) % 80}"): 1 + i for i in range(80)}
    one = network(names, ties, "x")
    assert one == network(names, ties, "x")
    nodes = list(etree.fromstring(one).iter(f"{SVG}a"))
    assert 2 <= len(nodes) <= MOST_NODES
    assert {n.get("href") for n in nodes} <= {f"p/{i}.html" for i in range(38, 80)} | {"p/0.html"}
    assert network({}, {}, "x") == ""
