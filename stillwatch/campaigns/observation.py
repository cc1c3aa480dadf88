"""What a cluster shows, put against what ordinary accounts show: one sentence, one weight, one innocent explanation.

The weight is log2 of how many times as often something is seen as among accounts in no cluster, capped, and counted only
when chance is ruled out (a normal test of the members' mean, each account one observation, since accounts repeat
themselves). Capped, because a rate can rise a thousandfold for a reason nobody thought of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from stillwatch.config import Campaigns
from stillwatch.evidence import Reason

_LN2 = math.log(2)


@dataclass(frozen=True)
class Rate:
    """A column of the accounts table whose mean over members is compared with that over unclustered accounts."""

    column: str
    finding: str
    text: str  # with {observed} and {expected}
    innocent: str
    scale: str = "share"  # "share": 0..1, compared by ratio; "count": any non-negative number, compared by ratio
    lower: bool = False  # the observation is that it is lower than elsewhere
    cap: float | None = None  # bits at most, when less than the general cap


@dataclass(frozen=True)
class Compared:
    """A mean over the members of one cluster, and over the accounts in none."""

    observed: float
    expected: float
    spread: float  # standard deviation among the unclustered
    members: int


def weigh(rate: Rate, compared: Compared, cluster_id: str, config: Campaigns) -> Reason | None:
    """The reason a rate gives, or None when it is not remarkable."""
    sign = -1.0 if rate.lower else 1.0
    floor = config.rate_floor if rate.scale == "share" else config.count_floor
    bits = sign * math.log2((compared.observed + floor) / (compared.expected + floor))
    error = max(compared.spread, floor) / math.sqrt(compared.members)
    p_value = normal_tail(sign * (compared.observed - compared.expected) / error)
    if p_value > config.max_p or bits < config.min_bits:
        return None
    return Reason(
        code=rate.column,
        text=rate.text.format(observed=compared.observed, expected=compared.expected),
        weight=min(bits, rate.cap or config.cap_bits),
        innocent_explanation=rate.innocent,
        finding=rate.finding,
        query=f"SELECT avg({rate.column}) FROM accounts JOIN clusters USING (account_id) WHERE cluster_id = '{cluster_id}'",
        value=compared.observed,
        p_value=p_value,
    )


def normal_tail(z: float) -> float:
    """Probability that a standard normal exceeds z."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def bits_of(probability: float) -> float:
    """Probability → log2 odds, the inverse of `odds`; within 60 bits of even."""
    rest = 1.0 - probability
    if probability <= 0.0 or rest <= 0.0:
        return math.copysign(60.0, probability - 0.5)
    return max(min(math.log2(probability / rest), 60.0), -60.0)


def odds(bits: float) -> float:
    """Bits → probability at even odds for zero bits."""
    return 1 / (1 + math.exp(-max(min(bits, 60.0), -60.0) * _LN2))
