"""One row an account: what it really is beside what a detector said of it. Every measure of accounts reads this table."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

VERDICTS = pa.schema(
    [
        ("account_id", pa.string()),
        ("group", pa.string()),  # of the made world: individuals, campus, …
        ("campaign", pa.string()),  # planted; null for an ordinary account
        ("role", pa.string()),  # harvester, carrier, spare, victim; null for an ordinary account
        ("score", pa.float64()),  # 0 where the detector did not list the account
        ("listed", pa.bool_()),
        ("accused", pa.bool_()),
        ("found", pa.string()),  # the campaign that an accused account was put into; null when into none
    ]
)


def verdicts(labels: pa.Table, result: pa.Table, threshold: float | None) -> pa.Table:
    """Accused is who has the verdict `campaign`; with a threshold, who has at least that score.

    An account that a detector does not list is one it says nothing against: its score is 0. Rows about accounts that the
    world does not have are left out.
    """
    place = pc.index_in(labels["account_id"], value_set=result["account_id"].combine_chunks())
    listed = pc.is_valid(place)
    score = pc.fill_null(result["score"].take(place).cast(pa.float64()), 0.0)
    if threshold is None:
        accused = pc.fill_null(pc.equal(result["verdict"].take(place), "campaign"), False)
    else:
        accused = pc.and_(listed, pc.greater_equal(score, threshold))
    found = pc.if_else(accused, result["campaign_id"].take(place).cast(pa.string()), pa.scalar(None, pa.string()))
    known = [labels[name].cast(pa.string()) for name in ("account_id", "group", "campaign", "role")]
    return pa.table([*known, score, listed, accused, found], schema=VERDICTS)
