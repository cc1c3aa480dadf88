"""How a campaign replaces what it loses, and when it was found, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillwatch.evidence import Detection, Turnover
from stillwatch.render.sentences import detection_in_brief, turnover_in_brief

from .sample import reasoning_campaign

TURNED = Turnover(
    bans=9, replaced=7.2, share=0.8, delay_hours=5.4, p_value=0.005, silent=8, pool=10.3, pool_low=8.6, pool_high=16.0
)


@pytest.mark.parametrize(
    ("turned", "said"),
    [
        (None, ""),
        (
            TURNED,
            "9 accounts of it were banned, and some 7 others took such a place, half of them within 5 hours (p = 0.005 had "
            "the bans been on other days). 8 accounts of it are known to stand by; with those that nothing ties to it yet, "
            "some 10 (9 to 16).",
        ),
        (
            replace(TURNED, p_value=None, pool_high=None),
            "9 accounts of it were banned, and some 7 others took such a place, half of them within 5 hours. 8 accounts of it "
            "are known to stand by; with those that nothing ties to it yet, some 10 (at least 8).",
        ),
        (
            replace(TURNED, pool=None, pool_low=None, pool_high=None, p_value=None, delay_hours=1.2),
            "9 accounts of it were banned, and some 7 others took such a place, half of them within 1 hour.",
        ),
        (
            replace(TURNED, bans=1, replaced=0.3),
            "1 account of it was banned, and nothing says that another took the place.",
        ),
    ],
    ids=["nothing banned", "whole", "short history, unbounded pool", "no pool", "not replaced"],
)  # fmt: skip
def test_turnover(turned: Turnover | None, said: str) -> None:
    assert turnover_in_brief(replace(reasoning_campaign(), turnover=turned)) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, ""),
        (
            Detection(12, 712, 7_120, []),
            "Found 4 July 2026, 12:00 UTC, 48 hours after its first exchange, with 12 accounts. 1% (712) of its harvest was "
            "over by then, and 10% (7,120) came from accounts that had not been found when they sent it.",
        ),
        (
            Detection(12, 0, 0, [], "2026-07-05T00:00:00Z"),
            "Found 4 July 2026, 12:00 UTC, 48 hours after its first exchange, with 12 accounts. 0% (0) of its harvest was "
            "over by then, and 0% (0) came from accounts that had not been found when they sent it. Evidence enough for an "
            "alarm since 5 July 2026, 00:00 UTC.",
        ),
    ],
)
def test_detection(found: Detection | None, said: str) -> None:
    campaign = replace(reasoning_campaign(), first_seen="2026-07-02T12:00:00Z", detected_at="2026-07-04T12:00:00Z")
    assert detection_in_brief(replace(campaign, detection=found, harvested_exchanges=71_200)) == said
