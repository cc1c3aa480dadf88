"""Whether a score is the probability it claims to be: of a hundred accounts at 0.8, eighty should be in a campaign."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.benchmark.measures.intervals import share
from stillwatch.benchmark.measures.ranking import Flags, Floats

BINS = 10  # of equal width, as is usual (Naeini, Cooper and Hauskrecht 2015)


def calibration_counts(score: Floats, planted: Flags) -> dict[str, Any]:
    """Sums that those of other cases can be added to."""
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    return {
        "accounts": len(score),
        "squared_error": float(((score - planted) ** 2).sum()),
        "bins": {
            str(n): {
                "accounts": int((place == n).sum()),
                "score": float(score[place == n].sum()),
                "planted": int(planted[place == n].sum()),
            }
            for n in range(BINS)
        },
    }


def calibration_measures(counts: dict[str, Any]) -> dict[str, Any] | None:
    """Brier score: the mean squared gap between score and truth (Brier 1950); 0 is perfect.

    Expected calibration error: the mean gap between a bin's mean score and its share of planted accounts, weighted by
    the accounts in it (Naeini et al. 2015). The bins themselves are the reliability diagram.
    """
    if not counts["accounts"]:
        return None
    filled = [(int(n), one) for n, one in counts["bins"].items() if one["accounts"]]
    gaps = [abs(one["score"] - one["planted"]) for _, one in filled]
    return {
        "accounts": counts["accounts"],
        "brier": counts["squared_error"] / counts["accounts"],
        "expected_calibration_error": sum(gaps) / counts["accounts"],
        "bins": [
            {
                "from": n / BINS,
                "to": (n + 1) / BINS,
                "mean_score": one["score"] / one["accounts"],
                "planted": share(one["planted"], one["accounts"]),
            }
            for n, one in filled
        ],
    }
