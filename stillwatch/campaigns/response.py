"""A cluster's response to the release of a model, tested: its mix of models and its volume; and what is said of it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch import tables
from stillwatch.campaigns.mix import JUMP, MORE, Counts, Others
from stillwatch.campaigns.releases import STEPS
from stillwatch.campaigns.volume import growth
from stillwatch.config import Campaigns
from stillwatch.evidence import Reason

SURGE = 2.0  # times what everybody's volume grew by, from which it is told as a reason
SURGE_P = 0.05  # the least that placebo days of a month can give; so the weight is bounded by what such a p can carry
_DAY = 86_400.0  # seconds


def release_response(known: Mapping[str, pa.Table], config: Campaigns) -> pa.Table:
    """Every cluster and release with its tests (tables.RELEASE_RESPONSE), from the collected tables of releases."""
    shares = _shares(known["release_shares"])
    days, released = _days(known["release_days"])
    others = {model: Others(by_volume) for (cluster, model), by_volume in shares.items() if not cluster}
    rows = []
    for row in known["cluster_releases"].to_pylist():
        cluster, model = row["cluster_id"], row["new_model"]
        touched = _touched(released, model)
        grown = growth(days[cluster, model], days["", model], touched, config.count_floor)
        rows.append(
            {
                **row,
                "p_value": others[model].chance(shares[cluster, model]) if model in others else 1.0,
                "volume_ratio": grown.ratio if grown else None,
                "population_volume_ratio": grown.population_ratio if grown else None,
                "volume_p_value": grown.p_value if grown else None,
            }
        )
    return pa.Table.from_pylist(rows, schema=tables.RELEASE_RESPONSE.schema)


def release_reasons(rows: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Reason]:
    """For each release that the cluster jumped on one reason, and one more if it also sent far more than before."""
    reasons = []
    for row in rows:
        moved = _moved(row, config)
        if moved is not None:
            reasons += [moved, *_surged(row, config)]
    return reasons


def _moved(row: Mapping[str, Any], config: Campaigns) -> Reason | None:
    share = row["moved"] / row["exchanges"]
    expected = row["population_share"] or 0.0
    bits = math.log2((share + config.rate_floor) / (expected + config.rate_floor))
    if (
        row["p_value"] > config.max_p
        or share < max(JUMP, MORE * expected)
        or bits < config.min_bits
        or row["accounts"] < config.min_accounts
    ):
        return None
    return Reason(
        code="release_response",
        text=(
            f"{share:.0%} of its exchanges went to {row['new_model']} within {row['hours']:.0f} hours of its "
            f"release; of others at most {expected:.0%}, be it of all or of those as busy"
        ),
        weight=min(config.cap_bits / 2, bits),
        innocent_explanation="evaluations run on every new model on its first day",
        finding="extraction",
        query="",
        value=share,
        p_value=row["p_value"],
    )


def _surged(row: Mapping[str, Any], config: Campaigns) -> list[Reason]:
    """Said of a cluster that jumped only: volumes double for many reasons, a release is one when the traffic went there."""
    p_value = row["volume_p_value"]
    if p_value is None or p_value > SURGE_P:
        return []
    excess = row["volume_ratio"] / row["population_volume_ratio"]
    if excess < SURGE:
        return []
    return [
        Reason(
            code="release_volume",
            text=(
                f"in the day after the release of {row['new_model']} it sent {row['volume_ratio']:.1f} times as much as on "
                f"a day of the week before; others {row['population_volume_ratio']:.1f} times"
            ),
            weight=min(config.cap_bits / 2, math.log2(excess), most_bits(p_value)),
            innocent_explanation="an evaluation of the new model, or a product that was launched with it",
            finding="extraction",
            query="",
            value=row["volume_ratio"],
            p_value=p_value,
        )
    ]


def most_bits(p_value: float) -> float:
    """Bits that a p-value carries at most, whatever the alternative (Sellke, Bayarri and Berger, "Calibration of p values for
    testing precise null hypotheses", The American Statistician 55, 2001); for p below 1/e."""
    return -math.log2(-math.e * p_value * math.log(p_value))


def _shares(release_shares: pa.Table) -> defaultdict[tuple[str, str], dict[int, Counts]]:
    """By cluster and model, then by class of volume: accounts on each step."""
    found: defaultdict[tuple[str, str], dict[int, Counts]] = defaultdict(dict)
    for row in release_shares.to_pylist():
        by_volume = found[row["cluster_id"], row["new_model"]]
        by_volume.setdefault(row["volume"], np.zeros(STEPS + 1))[row["step"]] += row["accounts"]
    return found


def _days(release_days: pa.Table) -> tuple[defaultdict[tuple[str, str], dict[int, float]], dict[str, datetime]]:
    """By cluster and model: exchanges by day counted from the release; and when each model was released."""
    found: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    released = {}
    for row in release_days.to_pylist():
        found[row["cluster_id"], row["new_model"]][row["window"]] = row["exchanges"]
        released[row["new_model"]] = row["released_at"]
    return found, released


def _touched(released: Mapping[str, datetime], model: str) -> set[int]:
    """Days counted from a model's release that hold the release of another, and the day after each."""
    if model not in released:
        return set()
    apart = (one - released[model] for other, one in released.items() if other != model)
    days = [math.floor(gap.total_seconds() / _DAY) for gap in apart]
    return {*days, *(day + 1 for day in days)}
