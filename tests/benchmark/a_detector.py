"""A detector as anybody could write one: reads a log folder, writes a result folder, knows nothing of stillwatch.

    a_detector.py volume|groups LOG OUT [--as-of TIME] [--benign LOG] [--told FILE]

`volume` scores accounts by their exchanges. `groups` accuses every account that shares a payment with two others, puts
them into one campaign for each payment, and claims all of their exchanges.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

parser = argparse.ArgumentParser()
parser.add_argument("way")
parser.add_argument("log", type=Path)
parser.add_argument("out", type=Path)
parser.add_argument("--as-of")
parser.add_argument("--benign", type=Path)
parser.add_argument("--told", type=Path)
asked = parser.parse_args()
if asked.told:
    with asked.told.open("a") as file:
        file.write(f"{asked.way} {asked.as_of}\n")

asked.out.mkdir(parents=True)
until = pc.field("timestamp") < datetime.fromisoformat(asked.as_of) if asked.as_of else None
exchanges = ds.dataset(asked.log / "exchanges").to_table(columns=["exchange_id", "account_id"], filter=until)
sent = exchanges.group_by("account_id").aggregate([([], "count_all")])
if asked.way == "volume":
    most = pc.max(sent["count_all"])
    if asked.benign:  # of honest accounts, so that nobody who sends no more than they do gets a high score
        honest = ds.dataset(asked.benign / "exchanges").to_table(columns=["account_id"])
        most = pc.multiply(2, pc.max(honest.group_by("account_id").aggregate([([], "count_all")])["count_all"]))
    score = pc.divide(sent["count_all"].cast(pa.float64()), most.cast(pa.float64()))
    pq.write_table(pa.table({"account_id": sent["account_id"], "score": score}), asked.out / "accounts.parquet")
else:
    accounts = pq.read_table(asked.log / "accounts.parquet", columns=["account_id", "payment_fingerprint"])
    accounts = accounts.filter(pc.is_in(accounts["account_id"], value_set=sent["account_id"].combine_chunks()))
    payers = accounts.drop_null().group_by("payment_fingerprint").aggregate([([], "count_all")])
    shared = set(payers.filter(pc.greater(payers["count_all"], 2))["payment_fingerprint"].to_pylist())
    rows = [
        {"account_id": a, "score": 1.0 if p in shared else 0.0, "verdict": "campaign" if p in shared else "clear",
         "campaign_id": p if p in shared else None}
        for a, p in zip(*(accounts[name].to_pylist() for name in accounts.column_names), strict=True)
    ]  # fmt: skip
    accused = {row["account_id"] for row in rows if row["campaign_id"]}
    claimed = exchanges.filter(pc.is_in(exchanges["account_id"], value_set=pa.array(accused, pa.string())))
    pq.write_table(pa.Table.from_pylist(rows), asked.out / "accounts.parquet")
    pq.write_table(claimed.append_column("score", pa.repeat(1.0, len(claimed))), asked.out / "exchanges.parquet")
    campaigns = [{"campaign_id": one, "capabilities": [{"name": "coding", "share": 1.0}]} for one in sorted(shared)]
    (asked.out / "campaigns.json").write_text(json.dumps({"campaigns": campaigns}))
