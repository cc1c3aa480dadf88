"""Cells of one detector and one world put together over the seeds: sums are added up, then measured once.

So each account counts the same, whichever seed it is from. What is no share of a sum (average precision, seconds) is
told as the mean of the seeds, with the interval that their spread allows.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from scipy.stats import t

from stillwatch.benchmark.measures.accounts import account_measures
from stillwatch.benchmark.measures.calibration import calibration_measures
from stillwatch.benchmark.measures.campaigns import campaign_measures
from stillwatch.benchmark.measures.conduct import conduct_measures
from stillwatch.benchmark.measures.delay import delay_measures
from stillwatch.benchmark.measures.exchanges import exchange_measures
from stillwatch.benchmark.measures.intervals import CONFIDENCE, rate

GIB = 2**30  # bytes

Document = dict[str, Any]


def added(one: Any, other: Any) -> Any:
    """Sums added up, however deep they lie; lists are put behind each other."""
    if isinstance(one, dict):
        return {
            name: added(one[name], other[name]) if name in one and name in other else one.get(name, other.get(name))
            for name in [*one, *(name for name in other if name not in one)]
        }
    return one + other


def total(counts: Iterable[Any]) -> Any:
    """All of them added up, without those that are None; None when all are."""
    known = [one for one in counts if one is not None]
    return reduce(added, known) if known else None


def spread(values: Iterable[float | None], most: float = math.inf) -> Document | None:
    """The mean of the seeds, between 0 and `most`, and its interval (Student 1908); of one seed nothing is known of that."""
    known = [one for one in values if one is not None]
    if not known:
        return None
    value, low, high = statistics.fmean(known), None, None
    if len(known) > 1:
        far = float(t.ppf((1 + CONFIDENCE) / 2, len(known) - 1)) * statistics.stdev(known) / math.sqrt(len(known))
        low, high = max(0.0, value - far), min(most, value + far)
    return {"value": value, "low": low, "high": high, "seeds": len(known)}


def pooled(cells: Sequence[Document]) -> Document:
    """One detector in one world; `cells` are those of all its seeds, failed ones too."""
    done = [one for one in cells if one["status"] == "done"]
    first = cells[0]
    known = {
        **{name: first[name] for name in ("world", "label", "detector", "threshold")},
        "seeds": [one["seed"] for one in done],
        "failed_seeds": [one["seed"] for one in cells if one["status"] != "done"],
    }
    if not done:
        return known
    calibration = total(one["calibration"] for one in done)
    return {
        **known,
        **account_measures(total(one["accounts"] for one in done)),
        "average_precision": spread((one["average_precision"] for one in done), most=1.0),
        "exchanges": exchange_measures(total(one["exchanges"] for one in done)),
        "campaigns": campaign_measures(total(one["campaigns"] for one in done)),
        "conduct": conduct_measures(total(one["conduct"] for one in done)),
        "calibration": calibration_measures(calibration) if calibration else None,
        "delays": delay_measures(total(one["delays"] for one in done)),
        **cost(done),
    }


def cost(done: Sequence[Document]) -> Document:
    """Time and memory of the program, its start included."""
    return {
        "seconds": spread(one["cost"]["seconds"] for one in done),
        "peak_gib": spread(one["cost"]["peak_bytes"] / GIB for one in done),
        "rows_a_second": spread(one["cost"]["rows_a_second"] for one in done),
    }


def by_world_and_detector(cells: Sequence[Document]) -> list[Document]:
    """In the order in which worlds and detectors first occur."""
    met: dict[tuple[str, str], list[Document]] = {}
    for one in cells:
        met.setdefault((one["world"], one["detector"]), []).append(one)
    return [pooled(same) for same in met.values()]


def over_all_worlds(cells: Sequence[Document]) -> Document:
    """Of each detector what makes sense over all worlds: who is falsely accused, calibration, time and memory."""
    told = {}
    for name in dict.fromkeys(one["detector"] for one in cells):
        done = [one for one in cells if one["detector"] == name and one["status"] == "done"]
        if done:
            calibration = total(one["calibration"] for one in done)
            groups = total(one["accounts"]["by_group"] for one in done)
            told[name] = {
                "false_accusations_by_group": {
                    group: rate(counts["accused"], counts["accounts"]) for group, counts in sorted(groups.items())
                },
                "calibration": calibration_measures(calibration) if calibration else None,
                **cost(done),
            }
    return told
