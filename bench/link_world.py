"""`stillwatch link` on millions of accounts whose values are shared by up to a tenth of all: time, memory, links, rings found.

    python -m bench.link_world [--accounts 1000000 3000000 10000000] [--out DIR]

Every card, device, number and address of sign-up is shared by as many accounts as a power law says, up to a tenth of all
accounts: placeholders, prepaid ranges, emulators, carrier translators. Among them are rings of forty accounts that pay with
eight cards and sign up on five devices. What is asked: that no crowd is paired, that time and memory grow as the accounts
do, and that the rings are found, whole and alone. Each size runs in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

RING = 40  # accounts: as in the campaigns of the worlds
CARDS, DEVICES = 8, 5  # of a ring
RINGED = 0.01  # of all accounts: a hundred thousand in ten million
CROWD = 0.1  # of all accounts that hold the commonest value of a kind
SHARING = 0.3  # of all accounts that share a value of a kind with anybody; the others have one of their own
SLOPE = 1.1  # of the power law of a value's holders: the second commonest has less than half of the commonest's
YEAR_US = 365 * 86_400_000_000
START_US = 1_735_689_600_000_000  # 2025-01-01
MAIL = "mail.example"  # the provider of all: a mail pattern is a crowd here
EVEN = 0.5  # score from which an account is accused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--out", type=Path, help="where the logs are made; a temporary folder when not given")
    parser.add_argument("--linked", type=Path, help=argparse.SUPPRESS)  # one log, in this process
    options = parser.parse_args()
    if options.linked:
        print(json.dumps(_linked(options.linked)))
        return
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        print(
            "| accounts | values shared | of them crowds | links | seconds | peak GiB | rings found | precision |\n|"
            + "---|" * 8
        )
        for accounts in options.accounts:
            log = Path(folder) / str(accounts)
            made(log, accounts, seed=1)
            command = [sys.executable, "-m", "bench.link_world", "--linked", str(log)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print("| {accounts:,} | {shared:,} | {crowds:,} | {links:,} | {seconds:.0f} | {peak_gib:.1f} | {recall:.3f} | "
                  "{precision:.3f} |".format(accounts=accounts, **told), flush=True)  # fmt: skip
            for stage in told["stages"]:
                print(f"    {stage['stage']:<16} {stage['rows']:>12,} {stage['seconds']:8.1f} s {stage['peak_mib']:6,} MiB",
                      file=sys.stderr)  # fmt: skip


def made(log: Path, accounts: int, seed: int) -> None:
    """The account table of such a provider; ring members are the first accounts, in the order of their rings."""
    log.mkdir(parents=True)
    random = np.random.default_rng(seed)
    ringed = _ringed(accounts)
    ring, place = np.divmod(np.arange(ringed), RING)
    number = np.arange(accounts)
    given = {
        "account_id": _named("a", number),
        "created_at": _instants(START_US + random.integers(YEAR_US, size=accounts)),
    }
    for column, parts in (
        ("payment_fingerprint", CARDS),
        ("device_fingerprint", DEVICES),
        ("phone", 0),
        ("signup_ip", 0),
    ):
        value = _values(random, accounts)
        if parts:  # a ring's accounts are dealt its cards and devices in turn, so that they mix
            value[:ringed] = -1 - (ring * parts + (place // (1 if parts == CARDS else 3)) % parts)
        given[column] = _addresses(value) if column == "signup_ip" else _named(column[:2], value)
    given["email"] = pc.binary_join_element_wise(_named("user", number), pa.scalar(MAIL), "@")
    pq.write_table(pa.table(given), log / "accounts.parquet", row_group_size=1 << 20)


def _ringed(accounts: int) -> int:
    return int(accounts * RINGED) // RING * RING


def _values(random: np.random.Generator, accounts: int) -> np.ndarray:
    """Each account's value of a kind: most have one of their own, the others one of a power law of crowds."""
    value = np.arange(accounts) + accounts
    sharing = np.flatnonzero(random.random(accounts) < SHARING)
    sizes = np.maximum((accounts * CROWD * np.arange(1, len(sharing) + 1) ** -SLOPE).astype(np.int64), 2)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), len(sharing)) + 1]
    crowds = np.repeat(np.arange(len(sizes)), sizes)[: len(sharing)]
    value[random.permutation(sharing)] = crowds
    return value


def _instants(microseconds: np.ndarray) -> pa.Array:
    return pa.array(microseconds).cast(pa.timestamp("us", tz="UTC"))


def _named(prefix: str, number: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), pa.array(number).cast(pa.string()), "-")


def _addresses(value: np.ndarray) -> pa.Array:
    octets = [pa.array(value >> shift & 0xFF).cast(pa.string()) for shift in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*octets, ".")


def _linked(log: Path) -> dict[str, object]:
    """What `stillwatch link` makes of a log, with the peak of this process."""
    from stillwatch.config import Config
    from stillwatch.run import Place, link

    out = log.with_name(f"{log.name}-out")
    began = time.perf_counter()
    outcome = link(Place(log, out), Config())
    seconds = time.perf_counter() - began
    crowded = pq.read_table(out / "tables" / "shared_values.parquet", columns=["crowded"])["crowded"]
    clusters = pq.read_table(out / "clusters.parquet")
    names = clusters.filter(pc.field("score") >= EVEN)["account_id"].to_pylist()
    accused = np.array([int(name[2:]) for name in names], np.int64)
    ringed = _ringed(int(log.name))
    return {
        "shared": len(crowded),
        "crowds": pc.sum(crowded).as_py(),
        "links": outcome.report.totals["links"],
        "seconds": seconds,
        "peak_gib": max(int(one["peak_mib"]) for one in outcome.stages) / 1024,
        "recall": float((accused < ringed).sum() / max(ringed, 1)),
        "precision": float((accused < ringed).mean()) if len(accused) else 0.0,
        "stages": outcome.stages,
    }


if __name__ == "__main__":
    main()
