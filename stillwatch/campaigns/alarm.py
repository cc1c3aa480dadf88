"""Alarms that hold however often one looks: when the evidence against a group is enough for the rate that was promised.

The reasons of a finding add up to a log-likelihood ratio, held low on purpose (caps, floors; docs/decisions/0009). Over
looks, as data come in, a likelihood ratio is a martingale if the group is honest, so that it ever exceeds x has a
probability of 1/x at most, at whatever look (Ville 1939; Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and
safe anytime-valid inference", Statistical Science 2023). A group is honest if it is not coordinated, or does not extract, or
neither deceives nor hides; so the evidence against all of these is the least of three, and that of the last the mean of
the two ratios, which holds whatever they have to do with each other (an intersection-union test; Vovk, Wang, "E-values:
calibration, combination and applications", Annals of Statistics 2021).

With `groups_a_year` honest groups, there are `false_alarms_a_year` false alarms at most, in expectation, when the first is
divided by the second to give x. This rests on ratios that are no larger than they should be, which weights that are partly
judgement cannot promise: docs/measured.md has how far honest groups came in a year of calm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from stillwatch.campaigns.observation import bits_of
from stillwatch.config import Alarms, Campaigns


def alarm_bits(findings: Mapping[str, float], config: Campaigns) -> float:
    """Evidence that a group is not honest in any way, bits; from the scores of its findings."""
    bits = {
        name: bits_of(findings[name]) + config.prior_bits
        for name in ("coordination", "extraction", "fraud", "covertness")
    }
    larger, smaller = max(bits["fraud"], bits["covertness"]), min(bits["fraud"], bits["covertness"])
    hidden = larger + math.log2(1.0 + 2.0 ** (smaller - larger)) - 1.0
    return min(bits["coordination"], bits["extraction"], hidden)


def threshold(config: Alarms) -> float:
    """Bits from which an alarm is raised."""
    return math.log2(config.groups_a_year / config.false_alarms_a_year)
