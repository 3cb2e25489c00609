"""The report of where the time goes."""

from __future__ import annotations

from pipeline.running.stage_times import TOKENIZER, report, stage_times


def test_every_stage_is_timed_and_the_pace_of_labelling_told() -> None:
    times = stage_times(["The director of the Garrison Museum, Ann Lee, gave a talk.", ""])
    names = [each.name for each in times]
    assert names[1] == TOKENIZER and {"label", "link mentions", "resolve documents", "link documents"} <= set(names)
    assert all(each.seconds >= 0 for each in times)
    told = report(times)
    assert all(name in told for name in names)
    assert "pace of the tokenizer" in told
