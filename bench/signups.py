"""Whom `verify` asks for a step on made sign-ups: of operators', of customers', by pathway and group, at each rung.

    python -m bench.signups [--scale 1] [--seeds 250] [--rungs 0,1,2,3] [--out out/signups.json] [--parts out/parts]

Sign-ups are judged in the order in which they come; bans are told when they were made, and what came of a step that was asked
for a day or two later. Counted are those asked at once, before their first exchange, and ever. The baseline asks whoever has
a disposable mail domain, came through a hosting, VPN, Tor or proxy network, or shares a card or device with an earlier
sign-up. `--parts` writes what the weights are fitted to.
"""

from __future__ import annotations

import argparse
import heapq
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.benchmark.measures.intervals import share
from stillwatch.config import Config
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.lists import Lists
from stillwatch.verification.reading import SignupReader
from stillwatch.verification.signs import ALL
from stillwatch.verification.signup import Signup
from stillwatch.worlds.signups import make

DAY = 86_400.0  # seconds
WORST = ("hosting", "vpn", "tor", "proxy")
GOOD, BAD, LOOK = range(3)
# What comes of a step that is asked for; no provider published figures, so these are stated, and --no-outcomes goes without.
OPERATORS_FAIL = 0.8  # share of operators' sign-ups: some answer with rented numbers and bought documents
CUSTOMERS_FAIL = 0.03  # share of customers': they give up, or their document cannot be read
ANSWER_DAYS = 1.5  # until it is known, mean


@dataclass
class Counts:
    """Sign-ups of one kind, and how many of them were asked when."""

    signups: int = 0
    at_once: int = 0
    before_use: int = 0
    ever: int = 0
    baseline: int = 0

    def told(self) -> dict[str, Any]:
        return {
            name: share(getattr(self, name), self.signups) for name in ("at_once", "before_use", "ever", "baseline")
        }


@dataclass
class Ran:
    """One pass through a world."""

    asked: dict[str, float] = field(default_factory=dict)  # account → seconds at which it was asked first
    at_once: set[str] = field(default_factory=set)
    baseline: set[str] = field(default_factory=set)
    parts: dict[str, dict[str, float | None]] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)  # seconds a call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seeds", default="250")
    parser.add_argument("--rungs", default="0,1,2,3")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--parts", type=Path)
    parser.add_argument("--outcomes", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    document = []
    for seed in map(int, given.seeds.split(",")):
        for rung in map(int, given.rungs.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                began = time.process_time()
                make(Path(folder), scale=given.scale, seed=seed, rung=rung)
                made = time.process_time() - began
                ran = through(Path(folder), given.outcomes, seed)
                labels = pq.read_table(Path(folder) / "labels" / "accounts.parquet")
                rows = labels.to_pylist()
                pathways = dict(zip(*_columns(Path(folder) / "log", "account_id", "pathway"), strict=True))
            found = counted(rows, pathways, ran)
            document.append({"seed": seed, "rung": rung, "scale": given.scale, **found})
            show(seed, rung, found, ran, made)
            if given.parts:
                given.parts.mkdir(parents=True, exist_ok=True)
                kept = [{"account_id": row["account_id"], "fraudulent": row["fraudulent"], "of": row["group"],
                         **ran.parts[row["account_id"]]} for row in rows]  # fmt: skip
                pq.write_table(pa.Table.from_pylist(kept), given.parts / f"{seed}-{rung}.parquet")
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))


def through(world: Path, outcomes: bool, seed: int) -> Ran:
    """Judge a world's sign-ups as they come."""
    lists = Lists.load(None)
    reader, assessor, ran = SignupReader(Pseudonyms(b"0" * 32), lists), Assessor(Config(), lists), Ran()
    bad = dict(zip(*_columns(world / "labels", "account_id", "fraudulent"), strict=True))
    dice = random.Random(seed)
    later: list[tuple[float, int, str]] = []  # news to come: bans, outcomes of steps, and when to look at what is found
    banned = zip(*_columns(world / "log", "account_id", "banned_at"), strict=True)
    later += [(at.timestamp(), BAD, account) for account, at in banned if at]
    heapq.heapify(later)

    def asked(account: str, at: float) -> None:
        if account not in ran.asked:
            ran.asked[account] = at
            if outcomes:
                fails = dice.random() < (OPERATORS_FAIL if bad[account] else CUSTOMERS_FAIL)
                heapq.heappush(later, (at + DAY * dice.expovariate(1.0 / ANSWER_DAYS), BAD if fails else GOOD, account))

    seen: set[tuple[str, str]] = set()
    for one in _signups(world, reader):
        while later and later[0][0] <= one.at:
            _, what, account = heapq.heappop(later)
            if what == LOOK:
                ran.parts[account] = _found(assessor, account)
            else:
                assessor.outcome(account, what == BAD)
        begun = time.perf_counter()
        said = assessor.assess(one)
        ran.took.append(time.perf_counter() - begun)
        if said.asks:
            asked(one.account_id, one.at)
            ran.at_once.add(one.account_id)
        for raised in assessor.raised():
            asked(raised.account_id, one.at)
        heapq.heappush(later, (one.at + DAY, LOOK, one.account_id))
        values = {(kind, value) for kind, value in (("card", one.payment), ("device", one.device)) if value}
        if lists.mail(one.email_domain).disposable or one.network in WORST or values & seen:
            ran.baseline.add(one.account_id)
        seen |= values
    for account in bad:
        if account not in ran.parts:
            ran.parts[account] = _found(assessor, account)
    return ran


def _signups(world: Path, reader: SignupReader) -> Iterator[Signup]:
    with pq.ParquetFile(world / "log" / "accounts.parquet") as file:
        for batch in file.iter_batches(2_000):
            for row in batch.to_pylist():
                yield reader.read({name: value for name, value in row.items() if value is not None})


def _columns(folder: Path, *names: str) -> list[list[Any]]:
    table = pq.read_table(folder / "accounts.parquet", columns=list(names))
    return [table[name].to_pylist() for name in names]


def _found(assessor: Assessor, account: str) -> dict[str, float | None]:
    """What weights are fitted to: bits of company, and which signs show (1), do not (0), or cannot be told."""
    shown = zip(ALL, assessor.found(account), strict=True)
    signs = {f"sign {sign.code}": None if shows is None else float(shows) for sign, shows in shown}
    return {**asdict(assessor.parts(account)), **signs}


def counted(rows: list[dict[str, Any]], pathways: dict[str, str], ran: Ran) -> dict[str, Any]:
    """Shares of operators' and customers' sign-ups asked, of each pathway and of each group."""
    of: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
    for row in rows:
        account, bad = row["account_id"], row["fraudulent"]
        asked, first = ran.asked.get(account), row["first_exchange"]
        side = "operators" if bad else "customers"
        for key in (side, "all"), (side, f"pathway {pathways[account]}"), (side, f"group {row['group']}"):
            counts = of[key]
            counts.signups += 1
            counts.ever += asked is not None
            counts.at_once += account in ran.at_once
            counts.before_use += asked is not None and (first is None or asked <= first.timestamp())
            counts.baseline += account in ran.baseline
    return {f"{side}: {what}": counts.told() for (side, what), counts in sorted(of.items())}


def show(seed: int, rung: int, found: dict[str, Any], ran: Ran, made: float) -> None:
    took = np.array(ran.took) * 1e3
    print(f"seed {seed}, rung {rung}: made in {made:.0f} CPU s; a call p50 {np.percentile(took, 50):.3f} "
          f"p99 {np.percentile(took, 99):.3f} most {took.max():.1f} ms")  # fmt: skip
    for name, told in found.items():
        cells = "  ".join(f"{what} {one['value']:7.2%}" for what, one in told.items() if one)
        size = told["ever"]["of"] if told["ever"] else 0
        print(f"  {name:42} {size:>8,}  {cells}")


if __name__ == "__main__":
    main()
