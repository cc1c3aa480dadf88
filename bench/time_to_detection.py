"""How much of each campaign was harvested before it was found, by a replay of a made world with a look every so often.

    python -m bench.time_to_detection [--world NAME] [--rung 0] [--scale 0.05] [--seed 330] [--every 1h] [--days 3]

Only the first days are gone through, because detection is a matter of hours; what is lost counts over all of the world's
weeks. A campaign is found at the first look at which a tenth of its accounts, of those active by then, are accused, as in
`stillwatch bench detection`; of one that is not, what was lost is told as of the last look. *Unseen* is what its accounts
had harvested before each was accused, if it ever was. False accusations are counted over all looks: an ordinary account
accused at any of them counts.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.command import run
from stillwatch.benchmark.measures.delay import delays
from stillwatch.benchmark.replay import Replay, campaign_exchanges
from stillwatch.benchmark.results import read_truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="disclosure-2026-02")
    parser.add_argument("--rung", type=int, default=0)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=330)
    parser.add_argument("--every", default="1h")
    parser.add_argument("--days", type=float, default=3.0)
    parser.add_argument(
        "--work", type=Path, help="where worlds and results are written; a temporary folder when not given"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        world = Path(folder)
        sizes = ["--scale", options.scale, "--seed", options.seed]
        run("worlds", "make", world, "--world", options.world, "--rung", options.rung, *sizes, "--quiet")
        measured(world, options.every, options.days)


def measured(world: Path, every: str, days: float) -> None:
    """Replay the first days of a world and print a row a campaign."""
    gone_through = Replay(world, read_truth(world / "labels"), 1.0, 0.0, world)
    until = (gone_through.start + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    run("replay", world / "log", "--out", world / "out", "--every", every, "--until", until, "--quiet")
    looks = pq.read_table(world / "out/replay.parquet")
    exchanges = campaign_exchanges(gone_through)
    at = _days(looks["at"], gone_through)
    accounts = np.array(looks["account_id"].to_pylist())
    steps = [(float(day), frozenset(accounts[at == day].tolist())) for day in np.unique(at)]
    first = {account: day for day, accused in reversed(steps) for account in accused}
    unseen = _unseen(exchanges, first)
    print("| campaign | found after, hours | harvest lost by then | unseen |\n|---|---|---|---|")
    for name, one in delays(steps, exchanges).items():
        day, total = one["detected_days"][0], max(one["harvested"], 1)
        own = exchanges.filter(pc.equal(exchanges["campaign"], name))
        start = pc.min(own["day"]).as_py()
        found = f"{24 * (day - start):.1f}" if day is not None else f"not within {24 * (days - start):.1f}"
        seen = own.filter(pc.less(own["day"], days if day is None else day))
        lost = pc.sum(seen["harvested"].cast("int64")).as_py() or 0
        print(f"| {name} | {found} | {lost / total:.2%} | {unseen[name] / total:.2%} |")
    planted = set(exchanges["account_id"].to_pylist())
    labels = gone_through.truth.accounts
    planted |= set(labels.filter(pc.is_valid(labels["campaign"]))["account_id"].to_pylist())
    ordinary = {account for _, accused in steps for account in accused} - planted
    print(f"{len(steps)} looks found somebody; ordinary accounts accused at any of them: {len(ordinary)}")


def _unseen(exchanges: pa.Table, first: dict[str, float]) -> dict[str, int]:
    """Of each campaign, harvested exchanges sent before their account was accused; all of those never accused."""
    rows = exchanges.filter(exchanges["harvested"])
    seen = np.array([first.get(account, np.inf) for account in rows["account_id"].to_pylist()])
    before = rows["day"].to_numpy() < seen
    names = np.array(rows["campaign"].to_pylist())
    return {name: int(np.sum(before & (names == name))) for name in np.unique(names)}


def _days(times: pa.ChunkedArray, replay: Replay) -> np.ndarray:
    start = int(replay.start.timestamp()) * 1_000_000
    return (times.cast(pa.int64()).to_numpy() - start) / 86_400_000_000


if __name__ == "__main__":
    main()
