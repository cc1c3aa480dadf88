"""What a detector says of a campaign it found: the capability it takes, and whether it turned to a new model.

Both are asked of the found campaign that holds most of a planted one's found accounts. A planted campaign of which
nothing was found is not asked about; recall already says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.benchmark.measures.accounts import Counts
from stillwatch.benchmark.measures.campaigns import ORDINARY, Match, label_of
from stillwatch.benchmark.measures.intervals import share

MOST_P = 0.001  # a pivot reported with a larger p-value is not stood behind: one in a thousand by chance
PIVOT = "release_response"  # code of the piece of evidence that says so

Documents = Mapping[str, Mapping[str, Any]]  # campaigns.json by campaign_id


def reports_pivot(document: Mapping[str, Any]) -> bool:
    """Whether it says the campaign turned to a new model on its release, more than everybody did, and holds it against it."""
    moved = any(
        one.get("p_value", 1.0) <= MOST_P and one.get("shift_share", 0.0) > one.get("population_shift_share", 0.0)
        for one in document.get("release_response") or []
    )
    return moved and any(one.get("code") == PIVOT for one in document.get("evidence") or [])


def top_capability(document: Mapping[str, Any]) -> str | None:
    """The capability with the largest share; of equals the first named."""
    named: Sequence[Mapping[str, Any]] = document.get("capabilities") or []
    return max(named, key=lambda one: one.get("share", 0.0))["name"] if named else None


def conduct_counts(
    truth: Mapping[str, Mapping[str, Any]] | None,
    matched: Mapping[str, Match],
    found: Mapping[str, Counter[str]],
    documents: Documents | None,
) -> Counts | None:
    """Asked and rightly answered; None when the world does not know, or the detector writes no campaigns.json.

    A campaign that moved somewhat is neither a pivot nor none (`pivots` is null), and is not asked about.
    """
    if truth is None or documents is None:
        return None
    asked = {
        label: (truth[label], documents.get(match.found, {})) for label, match in matched.items() if label in truth
    }
    capability = [
        (one["top_capability"], top_capability(said)) for one, said in asked.values() if one["top_capability"]
    ]
    pivot = [(one["pivots"], reports_pivot(said)) for one, said in asked.values() if one["pivots"] is not None]
    pivoting = {label for label, one in truth.items() if one["pivots"]}
    still = {label for label, one in truth.items() if one["pivots"] is False} | {ORDINARY}
    invented = [
        name
        for name, said in documents.items()
        if reports_pivot(said) and (name not in found or label_of(found[name]) in still)
    ]
    return {
        "capability_asked": len(capability),
        "capability_right": sum(a == b for a, b in capability),
        "pivot_asked": len(pivot),
        "pivot_right": sum(a == b for a, b in pivot),
        "pivots_planted": len(pivoting),
        "pivots_seen": sum(a and b for a, b in pivot),
        "pivots_invented": len(invented),
    }


def conduct_measures(counts: Counts | None) -> Counts | None:
    """Top capability named rightly, and pivots told rightly (there or not), of the planted campaigns that were found.

    Invented is a pivot reported of a found campaign whose main label has none, or is ordinary.
    """
    if counts is None:
        return None
    return {
        "capability": share(counts["capability_right"], counts["capability_asked"]),
        "pivot": share(counts["pivot_right"], counts["pivot_asked"]),
        "pivots_planted": counts["pivots_planted"],
        "pivots_seen": counts["pivots_seen"],
        "pivots_invented": counts["pivots_invented"],
    }
