"""Who is back after a ban: successors linked, and honest newcomers linked wrongly, at sign-up and after 10, 25, 50 exchanges.

    python -m bench.returning [--scale 0.008] [--seed 250] [--rungs 0 1 2 3 4] [--as-of-day 14] [--work FOLDER]

For each rung a world is made (returns-2026-02) and scanned as a provider would have on day 14; everybody who begins later is
judged by what was known at that moment, with bans as they come. *Linked* is a likelihood of one half. Successors took the place
of an account that was banned before they began; honest newcomers belong to no campaign, among them those who live, study, work
or go out with a banned one. Beside it the baseline: any card, device or sign-up address in common with a closed account.

Intervals are those of Clopper and Pearson, 95%.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.stats import binomtest

from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.verification.returning import Returning
from stillwatch.verification.returning.returned import Asked, Returned, returned
from stillwatch.worlds import load, make

WORLD = "returns-2026-02"
STAGES = (0, 10, 25, 50)
SAME = ("payment_fingerprint", "device_fingerprint", "signup_ip")  # that the baseline compares


@dataclass(frozen=True)
class Judged:
    """One newcomer with what it really is."""

    group: str  # of ordinary accounts; the campaign of others
    successor: bool
    honest: bool
    at_signup: bool  # it signed up after the look
    stages: tuple[Returning, ...]  # by exchanges
    succeeds: str
    baseline: bool

    def by(self, exchanges: int) -> Returning | None:
        """What was said of it after so many exchanges, or after all that it sent, if fewer."""
        return max(
            (one for one in self.stages if one.exchanges <= exchanges), key=lambda one: one.exchanges, default=None
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.008)
    parser.add_argument("--seed", type=int, nargs="+", default=[250])
    parser.add_argument("--rungs", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--as-of-day", type=float, default=14.0)
    parser.add_argument("--work", type=Path, help="where worlds and results stay; a temporary folder when not given")
    options = parser.parse_args()
    for rung in options.rungs:
        judged: list[Judged] = []
        for seed in options.seed:
            with tempfile.TemporaryDirectory() as folder:
                world = (options.work or Path(folder)) / f"{seed}@{rung}"
                judged += measured(world, rung, options.scale, seed, options.as_of_day)
        report(f"rung {rung}, seeds {', '.join(map(str, options.seed))}, scale {options.scale:g}", judged)


def measured(world: Path, rung: int, scale: float, seed: int, day: float) -> list[Judged]:
    """Make a world, scan it as of a day, and judge who begins later; what is there already is not made again."""
    made, config = load(WORLD, rung), Config()
    look = made.start + timedelta(days=day)
    if not (world / "labels/world.json").exists():
        make(world, made, scale=scale, seed=seed, workers=1)
    if not (world / "out/campaigns.json").exists():
        scan(Place(world / "log", world / "out", as_of=look), config)
    found = returned(Asked(world / "log", world / "out"), config, datetime.now(UTC))
    return _with_truth(world, found, look)


def _with_truth(world: Path, found: Returned, look: datetime) -> list[Judged]:
    registered = pq.read_table(world / "log/accounts.parquet")
    labels = pq.read_table(world / "labels/accounts.parquet").join(registered, "account_id")
    banned = labels.filter(pc.is_valid(labels["banned_at"]))
    closed = dict(zip(banned["account_id"].to_pylist(), banned["banned_at"].to_pylist(), strict=True))
    holds: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for row in banned.select(["banned_at", *SAME]).to_pylist():
        for name in SAME:
            if row[name]:
                holds[name, row[name]].append(row["banned_at"])
    stages: defaultdict[str, list[Returning]] = defaultdict(list)
    for one in found.judged:
        stages[one.account_id].append(one)
    judged = []
    for row in _rows(labels, stages):
        mine = sorted(stages[row["account_id"]], key=lambda one: one.exchanges)
        began = datetime.fromtimestamp(max(mine, key=lambda one: one.exchanges > 0).at, UTC)
        until = datetime.fromtimestamp(mine[-1].at, UTC)
        shares = any(ban <= until for name in SAME for ban in holds.get((name, row[name]), ()))
        succeeds = row["succeeds"] or ""
        judged.append(
            Judged(
                row["campaign"] or row["group"],
                bool(succeeds) and closed[succeeds] <= began,
                row["campaign"] is None,
                row["created_at"] >= look,
                tuple(mine),
                succeeds,
                shares,
            )
        )
    return judged


def _rows(labels: pa.Table, stages: Iterable[str]) -> list[dict[str, object]]:
    return labels.filter(pc.is_in(labels["account_id"], pa.array(list(stages), pa.string()))).to_pylist()


def report(title: str, judged: list[Judged]) -> None:
    """Tables of one rung."""
    print(f"\n## {title}\n")
    print("| who | newcomers | at sign-up | after 10 | after 25 | after 50 | named | baseline |")
    print("|---|---|---|---|---|---|---|---|")
    successors = [one for one in judged if one.successor]
    honest = [one for one in judged if one.honest]
    _line("successors", successors)
    for campaign in sorted({one.group for one in successors}):
        _line(f"- {campaign}", [one for one in successors if one.group == campaign])
    _line("other members", [one for one in judged if not one.honest and not one.successor])
    _line("honest newcomers", honest)
    for kind in ("household", "employer", "campus", "vpn"):
        for reason in ("campaign", "other"):
            _line(f"- {kind}, banned for {reason}", [one for one in honest if one.group == f"{kind}_{reason}"])
    beside = ("household_", "employer_", "campus_", "vpn_c", "vpn_o")
    _line("- beside nobody", [one for one in honest if not one.group.startswith(beside)])


def _line(name: str, those: list[Judged]) -> None:
    cells = [_share([one for one in those if stage or one.at_signup], _linked(stage)) for stage in STAGES]
    linked = [one for one in those if _linked(STAGES[-1])(one)]
    named = [one for one in linked if one.succeeds]
    right = sum(one.by(STAGES[-1]).account == one.succeeds for one in named)  # type: ignore[union-attr]
    told = f"{right}/{len(named)}" if named else ""
    print(
        f"| {name} | {len(those)} | {' | '.join(cells)} | {told} | {_share(those, lambda one: one.baseline)} |",
        flush=True,
    )


def _linked(stage: int) -> Callable[[Judged], bool]:
    settings = Config().returns
    return lambda one: (said := one.by(stage)) is not None and said.linked(settings)


def _share(those: list[Judged], what: Callable[[Judged], bool]) -> str:
    if not those:
        return ""
    count = sum(map(what, those))
    interval = binomtest(count, len(those)).proportion_ci(0.95, "exact")
    return f"{count}/{len(those)} = {count / len(those):.2%} ({interval.low:.2%}..{interval.high:.2%})"


if __name__ == "__main__":
    main()
