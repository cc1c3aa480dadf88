"""Harvested exchanges found, and what was claimed to be harvested and was not."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.benchmark.measures.accounts import Counts
from stillwatch.benchmark.measures.intervals import share

CLAIMED = 0.5  # score from which a detector says "harvested" rather than "unrelated": even odds


def exchange_counts(labels: pa.Table, result: pa.Table | None, accounts: pa.Table) -> Counts | None:
    """Harvested, claimed and rightly claimed exchanges; None when a detector speaks of accounts only.

    `labels` holds the exchanges of campaign accounts; every other exchange is ordinary. Carriers are apart, because
    only there does finding the account not yet say which of its exchanges were harvested.
    """
    if result is None:
        return None
    harvested = labels.filter(labels["harvested"])["exchange_id"]
    claims = result.filter(pc.greater_equal(result["score"], CLAIMED)).group_by("exchange_id")
    claimed = claims.aggregate([("account_id", "min")])
    right = pc.is_in(claimed["exchange_id"], value_set=harvested.combine_chunks())
    carriers = accounts.filter(pc.equal(accounts["role"], "carrier"))["account_id"]
    on_carrier = pc.is_in(claimed["account_id_min"], value_set=carriers.combine_chunks())
    return {
        "harvested": len(harvested),
        "claimed": claimed.num_rows,
        "right": pc.sum(right).as_py() or 0,
        "claimed_on_carriers": pc.sum(on_carrier).as_py() or 0,
        "right_on_carriers": pc.sum(pc.and_(right, on_carrier)).as_py() or 0,
    }


def exchange_measures(counts: Counts | None) -> Counts | None:
    """Recall: harvested exchanges that were claimed. Precision: claimed ones that were harvested, in all and on carriers."""
    if counts is None:
        return None
    planted = counts["harvested"] > 0
    return {
        "recall": share(counts["right"], counts["harvested"]),
        "precision": share(counts["right"], counts["claimed"]) if planted else None,
        "precision_on_carriers": share(counts["right_on_carriers"], counts["claimed_on_carriers"]),
    }
