"""Evidence for an alarm: the weakest of what has to be true, and a threshold that keeps what was promised."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.campaigns.alarm import alarm_bits, threshold
from stillwatch.campaigns.observation import odds
from stillwatch.config import Alarms, Campaigns

PRIOR = Campaigns().prior_bits


@pytest.mark.parametrize(
    "coordination, extraction, fraud, covertness, expected",
    [
        (12, 12, 12, 12, 12.0),
        (12, 3, 12, 12, 3.0),  # an enterprise that hides, and extracts nothing
        (2, 12, 12, 12, 2.0),
        (12, 12, 10, -20, 9.0),  # one of the two is enough, less the bit that choosing costs
        (12, 12, -6, -6, -6.0),  # open and honest about it
        (0, 0, 0, 0, 0.0),
    ],
)
def test_the_least_of_three_counts(
    coordination: float, extraction: float, fraud: float, covertness: float, expected: float
) -> None:
    bits = {"coordination": coordination, "extraction": extraction, "fraud": fraud, "covertness": covertness}
    scores = {name: odds(value - PRIOR) for name, value in bits.items()}
    assert alarm_bits(scores, Campaigns()) == pytest.approx(expected, abs=1e-3)


def test_the_threshold_is_of_the_rate_promised() -> None:
    assert threshold(Alarms(false_alarms_a_year=1, groups_a_year=64)) == 6
    assert threshold(Alarms(false_alarms_a_year=0.25, groups_a_year=64)) == 8


@pytest.mark.parametrize("looks", [10, 1_000])
def test_likelihood_ratios_of_honest_groups_pass_it_no_more_often_than_promised(looks: int) -> None:
    """Ten thousand honest groups whose data come in over so many looks, each of them an occasion to alarm."""
    dice = np.random.default_rng(1)
    shift = 0.3
    steps = dice.normal(0.0, 1.0, (10_000, looks)) * shift - shift * shift / 2  # log of N(shift, 1) over N(0, 1), at 0
    highest = (steps.cumsum(axis=1) / np.log(2)).max(axis=1)
    enough = threshold(Alarms(false_alarms_a_year=1, groups_a_year=32))
    assert np.mean(highest >= enough) <= 1 / 32 + 3 * np.sqrt(1 / 32 / 10_000)
