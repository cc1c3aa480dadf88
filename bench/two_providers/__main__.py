"""What two providers find of one network alone, and together after a private match; and what each learned of the other.

    python -m bench.two_providers [--seed 41] [--scale 0.004] [--rung 0] [--share 0.5] [--both 40] [--work FOLDER]

A network's accounts are dealt out at random over two providers with honest customers of their own, of whom some are the same
people. Each scans alone. Then, both ways: `campaigns` (each holds and asks for the values of its campaigns' accounts alone) and
`told` (each holds the values of all its accounts, and the asker tells which matched). What came of it goes into the log as rows
of evidence, and each scans again.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.two_providers.audit import Crossed, accounted, derivable_by_asker, derivable_by_holder
from bench.two_providers.made import SPLIT, Provider, two_providers
from stillwatch.benchmark.measures.verdicts import verdicts
from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.sharing.matching import asker, epochs, holder, matched
from stillwatch.sharing.matching.identifiers import CAMPAIGN, EVERYBODY, Gathered, gathered
from stillwatch.sharing.matching.kinds import NAMES
from stillwatch.sharing.matching.matched import Match
from stillwatch.sharing.matching.spent import Spent

ALONE = "alone"


@dataclass(frozen=True)
class Learned:
    """What one side knows after both directions."""

    matches: list[Match]  # of its own accounts
    crossed: Crossed  # of the direction in which it held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--scale", type=float, default=0.004)
    parser.add_argument("--rung", type=int, default=0)
    parser.add_argument("--share", type=float, default=0.5, help="of the network's accounts, that south has")
    parser.add_argument("--both", type=int, default=40)
    parser.add_argument("--work", type=Path, help="where logs and results stay; a temporary folder when not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        pair = two_providers(work, options.seed, options.scale, options.rung, options.both, options.share)
        print(
            f"\nseed {options.seed}, scale {options.scale:g}, rung {options.rung}, south has {options.share:.0%} of it; "
            f"{options.both} honest people are customers of both"
        )
        print(
            "\n| provider | matched by | campaigns | network found | spares among them | in parts | false accusations |"
        )
        print("|---|---|---|---|---|---|---|")
        for one in pair:
            _scan(one, ALONE)
        for way, whom in (("campaigns", CAMPAIGN), ("told", EVERYBODY)):
            learned = _matched(work, pair, way, whom)
            for one in pair:
                rows = matched.evidence(matched.table(learned[one.name].matches))
                pq.write_table(rows, one.folder / "log/evidence.parquet")
                _scan(one, way)
            _audit(pair, learned, way)


def _scan(one: Provider, way: str) -> None:
    out = one.folder / f"out-{way}"
    if way != ALONE or not (out / "campaigns.json").exists():
        scan(Place(one.folder / "log", out, key=one.folder / "key"), Config())
    labels = pq.read_table(one.folder / "labels/accounts.parquet")
    told = verdicts(labels, pq.read_table(out / "accounts.parquet"), None)
    mine = told.filter(pc.equal(told["campaign"], SPLIT))
    accused = mine.filter(mine["accused"])
    spares = sum(row["role"] == "spare" for row in accused.to_pylist())
    names = told.filter(told["accused"])["found"].unique()
    false = told.filter(pc.and_(told["accused"], pc.is_null(told["campaign"]))).num_rows
    print(
        f"| {one.name} | {way} | {len(names)} | {len(accused)} of {len(mine)} | {spares} | {len(accused['found'].unique())} "
        f"| {false} of {told.filter(pc.is_null(told['campaign'])).num_rows:,} |",
        flush=True,
    )


def _values(one: Provider, whom: str) -> Gathered:
    return gathered(one.folder / "log", one.folder / f"out-{ALONE}", NAMES, whom, Config().reading, datetime.now(UTC))


def _matched(work: Path, pair: tuple[Provider, Provider], way: str, whom: str) -> dict[str, Learned]:
    """Both directions. By name of the provider: what it learned."""
    now = datetime.now(UTC).timestamp()
    matches: dict[str, list[Match]] = {one.name: [] for one in pair}
    held: dict[str, Crossed] = {}
    for here, there in (pair, pair[::-1]):
        state = work / f"state-{way}-{here.name}"
        shutil.rmtree(state, ignore_errors=True)
        terms = holder.Terms(here.name, there.name, "one", int(now) + 86_400, NAMES, whom)
        published = holder.set_up(state, terms, _values(here, whom))
        asked, secret, spent = _values(there, CAMPAIGN), secrets.token_bytes(32), Spent(state)
        request = asker.request(published, asked, secret, now)
        reply = holder.evaluated(state, there.name, request, now, spent)
        answer = asker.finished(published, asked, secret, reply, now)
        matches[there.name] += answer.matches
        told = answer.told if whom == EVERYBODY else b""
        if told:
            matches[here.name] += holder.told(state, there.name, "one", told, now, spent)
        held[here.name] = Crossed(published, request, reply, told, secret, asked)
    return {one.name: Learned(matches[one.name], held[one.name]) for one in pair}


def _audit(pair: tuple[Provider, Provider], learned: dict[str, Learned], way: str) -> None:
    print(f"\n{way}: what crossed, and what each learned")
    for here, there in (pair, pair[::-1]):
        crossed = learned[here.name].crossed
        for what, (size, rows, of) in accounted(crossed).items():
            print(f"- {what} of {here.name}'s set: {size:,} bytes, {rows:,} rows of {of}")
        everything, theirs = _values(here, EVERYBODY), _values(there, EVERYBODY)
        state = here.folder.parent / f"state-{way}-{here.name}"
        own = epochs.opened(state, there.name, "one").keys()
        published = everything if way == "told" else _values(here, CAMPAIGN)
        common = set(published.held) & set(crossed.asked.held)
        by_asker = derivable_by_asker(crossed, everything.held)
        by_holder = derivable_by_holder(crossed, theirs.held, (own.secret,))
        print(
            f"- {there.name} with a list of all {len(everything.held):,} values of {here.name}: shows {len(by_asker)} to be in "
            f"the set, of them {len(by_asker & common)} that both have; both have {len(common)}"
        )
        print(
            f"- {here.name} with a list of all {len(theirs.held):,} values of {there.name}: shows {len(by_holder)} to be asked "
            f"for"
        )
        assert by_asker == common and not by_holder
    for one in pair:
        print(f"- {one.name} learned: {', '.join(_told(one, learned[one.name].matches))}", flush=True)


def _told(one: Provider, matches: list[Match]) -> Iterator[str]:
    labels = {row["account_id"]: row for row in pq.read_table(one.folder / "labels/accounts.parquet").to_pylist()}
    accounts = {each.account_id for each in matches}
    yield f"of {len(accounts)} accounts of its own that the other has a value of"
    for name, count in sorted(Counter(labels[each]["campaign"] or "honest" for each in accounts).items()):
        yield f"{count} {name}"
    yield f"{len(accounts & one.both)} of its {len(one.both)} honest customers of both"
    kinds = Counter(kind for kind, _ in {(each.kind, each.account_id) for each in matches})
    yield "by " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


if __name__ == "__main__":
    main()
