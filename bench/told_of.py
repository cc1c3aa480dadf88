"""What indicators of a partner add: made worlds, of which a partner knows some values of campaigns, and some of honest people.

    python -m bench.told_of --out out/told_of [--seed 331] [--scale 0.005] [--worlds disclosure-2026-02@4 …]

A partner is given the cards, devices and telephone numbers of a share of each campaign's accounts, as one finding each; and,
as a partner that means harm or is mistaken, those of honest accounts as one more. Each world is scanned with nothing told, with
values alone, and with values and the findings they belong to, which is what `links/shared_indicator.py` ties by. Recall of
campaign accounts and honest accounts accused, for each.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.scanned import scanned
from stillwatch.benchmark.measures.accounts import account_counts
from stillwatch.tables import LOG_INDICATORS
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

WORLDS = ("disclosure-2026-02@4", "relay-2026-07@0", "quiet-2026-07@0")
CASES = {  # told of campaigns, told of honest people, findings told as well
    "nothing": (0.0, 0.0, False),
    "values": (0.5, 0.0, False),
    "findings": (0.5, 0.0, True),
    "findings, poisoned": (0.5, 0.1, True),
}
_COLUMNS = {"payment": "payment_fingerprint", "device": "device_fingerprint", "phone": "phone"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for worlds, results and told_of.json")
    parser.add_argument("--seed", type=int, default=331)
    parser.add_argument("--scale", type=float, default=0.005)
    parser.add_argument("--worlds", nargs="+", default=WORLDS, help="worlds, with the rung of evasion")
    asked = parser.parse_args()
    rows = []
    for label in asked.worlds:
        name, rung = label.split("@")
        world = asked.out / label
        shutil.rmtree(world, ignore_errors=True)
        make(world, load(name, int(rung), []), scale=asked.scale, seed=asked.seed)
        for case in CASES:
            rows.append({"world": label, "told": case, **_measured(world, case, asked.seed)})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        (asked.out / "told_of.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(f"| {row['world']} | {row['told']} | {row['recall']:.3f} | {row['accused']} |")


def _measured(world: Path, case: str, seed: int) -> dict[str, Any]:
    file = world / "log/indicators.parquet"
    file.unlink(missing_ok=True)
    if CASES[case][0]:
        pq.write_table(pa.Table.from_pylist(list(_told(world, case, seed)), schema=LOG_INDICATORS.schema), file)
    counts = account_counts(scanned(world, world / "log"))
    shutil.rmtree(world / "out", ignore_errors=True)
    return {
        "planted": counts["planted"],
        "recall": round(counts["right"] / max(counts["planted"], 1), 3),
        "accused": counts["accused"] - counts["right"],
    }


def _told(world: Path, case: str, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of LOG_INDICATORS, one value of each account that the partner knows."""
    of_campaigns, of_honest, findings = CASES[case]
    random = np.random.default_rng(seed)
    accounts = {row["account_id"]: row for row in pq.read_table(world / "log/accounts.parquet").to_pylist()}
    for label in pq.read_table(world / "labels/accounts.parquet").to_pylist():
        campaign = label["campaign"]
        if random.random() >= (of_campaigns if campaign else of_honest):
            continue
        kind = str(random.choice(list(_COLUMNS)))
        value = accounts[label["account_id"]][_COLUMNS[kind]]
        if value:
            yield {
                "type": kind, "value": value, "confidence": 63, "source": "a partner", "origin": "a partner", "trust": 0.7,
                "campaign": (campaign or "made up") if findings else None,
            }  # fmt: skip


if __name__ == "__main__":
    main()
