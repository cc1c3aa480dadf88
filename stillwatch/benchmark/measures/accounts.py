"""Accounts found, missed and falsely accused. Positive is every account of a planted campaign, whatever its role."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.benchmark.measures.intervals import f1, rate, share

Counts = dict[str, Any]  # numbers by name, nested; those of several cases are added up


def account_counts(verdicts: pa.Table) -> Counts:
    """How many accounts were planted, accused and rightly accused: in all, by campaign, by role, by ordinary group."""
    planted = verdicts.filter(pc.is_valid(verdicts["campaign"]))
    ordinary = verdicts.filter(pc.is_null(verdicts["campaign"]))
    right = pc.sum(planted["accused"]).as_py() or 0
    wrong = pc.sum(ordinary["accused"]).as_py() or 0
    return {
        "planted": planted.num_rows,
        "ordinary": ordinary.num_rows,
        "accused": right + wrong,
        "right": right,
        "by_campaign": _accused_by(planted, "campaign"),
        "by_role": _accused_by(planted, "role"),
        "by_group": _accused_by(ordinary, "group"),
    }


def _accused_by(verdicts: pa.Table, name: str) -> dict[str, dict[str, int]]:
    grouped = verdicts.group_by(name).aggregate([("accused", "sum"), ("accused", "count")]).sort_by(name)
    return {
        str(row[name]): {"accounts": row["accused_count"], "accused": row["accused_sum"]}
        for row in grouped.to_pylist()
        if row[name] is not None
    }


def account_measures(counts: Counts) -> Counts:
    """Recall, precision, F1 and false accusations.

    Recall: planted accounts that were accused, of all planted. Precision: accused accounts that were planted, of all
    accused; without a planted campaign there is nothing to be right about, so it is not given there. False accusations:
    ordinary accounts that were accused, of 100,000 ordinary ones.
    """
    right, accused, planted = counts["right"], counts["accused"], counts["planted"]
    return {
        "recall": share(right, planted),
        "precision": share(right, accused) if planted else None,
        "f1": f1(right, accused, planted),
        "false_accusations": rate(accused - right, counts["ordinary"]),
        **{
            f"recall_{name}": {one: share(n["accused"], n["accounts"]) for one, n in counts[name].items()}
            for name in ("by_campaign", "by_role")
        },
        "false_accusations_by_group": {one: rate(n["accused"], n["accounts"]) for one, n in counts["by_group"].items()},
    }
