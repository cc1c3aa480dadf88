"""Whether an account is found, by the share of its traffic that is harvested: the bar that pooled text tests set.

    python -m bench.shares --out out/shares [--seeds 301 302 303] [--scale 0.01]

A test of one account's window of text sees less the more of other traffic is mixed in (MMD detector, arXiv 2606.05725: true
positive rate 0.59 at 5% in windows of 1,500 queries, 0.013 in windows of 100). Linked first, an account is judged with its
cluster. Campaign `hydra` of disclosure-2026-02 mixes 5 to 80 percent; idle accounts have no share and are left out.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import duckdb

from bench.scanned import scanned
from stillwatch.benchmark.measures.accounts import account_counts
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

BOUNDS = (0.05, 0.10, 0.25, 0.50, 1.0)  # shares at which the published figures stand, as upper ends
SMALL = 100  # exchanges of an account, the published small window


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for worlds and results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[301, 302, 303])
    parser.add_argument("--scale", type=float, default=0.01)
    asked = parser.parse_args()
    accounts, ordinary, accused = [], 0, 0
    for seed in asked.seeds:
        world = asked.out / f"seed-{seed}"
        make(world, load("disclosure-2026-02", 0, []), scale=asked.scale, seed=seed)
        counts = account_counts(scanned(world, world / "log"))
        ordinary, accused = ordinary + counts["ordinary"], accused + counts["accused"] - counts["right"]
        accounts += _shares(world)
        shutil.rmtree(world)
    print(f"ordinary accounts accused: {accused} of {ordinary:,}")
    print("| harvested share | accounts | found | with under 100 exchanges | found |\n|---|---|---|---|---|")
    for low, high in zip((0.0, *BOUNDS), BOUNDS, strict=False):
        here = [one for one in accounts if low < one[1] <= high]
        small = [one for one in here if one[0] < SMALL]
        print(f"| {low:.0%} to {high:.0%} | {len(here)} | {_found(here)} | {len(small)} | {_found(small)} |")


def _shares(world: Path) -> list[tuple[int, float, bool]]:
    """Of each account of the campaign that sent anything: exchanges, harvested share, found."""
    return duckdb.sql(
        "SELECT count(*), avg(harvested::int), bool_or(verdict = 'campaign') "
        f"FROM '{world}/labels/exchanges.parquet' JOIN '{world}/log/exchanges/*.parquet' USING (exchange_id) "
        f"JOIN '{world}/out/accounts.parquet' USING (account_id) WHERE campaign = 'hydra' GROUP BY account_id"
    ).fetchall()


def _found(accounts: list[tuple[int, float, bool]]) -> str:
    return f"{sum(one[2] for one in accounts) / len(accounts):.3f}" if accounts else "–"


if __name__ == "__main__":
    main()
