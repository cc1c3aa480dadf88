"""Writes a world of sign-ups: the log a provider would have, and, outside of it, what each account really is."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration
from stillwatch.worlds.signups import lands, registers
from stillwatch.worlds.signups.groups import ALL
from stillwatch.worlds.signups.newcomers import Crowd
from stillwatch.worlds.signups.operators import operators

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Summary:
    """What was written."""

    scale: float
    seed: int
    rung: int
    accounts: dict[str, int]  # by group
    honest: int
    fraudulent: int
    operators: dict[str, int]  # accounts of each
    successors: int  # accounts that took a banned one's place


def rungs() -> list[dict[str, Any]]:
    """The ladder: each rung's numbers, with those of the rungs below that it keeps."""
    ladder: list[dict[str, Any]] = []
    for one in lands.numbers()["rungs"]:
        ladder.append({**(ladder[-1] if ladder else {}), **one})
    return ladder


def make(out: Path, *, scale: float, seed: int, rung: int, progress: Progress | None = None) -> Summary:
    """Write `out/log` and `out/labels`. The same arguments give the same files, byte for byte.

    `scale` is a share of 240,000 honest and 24,000 fraudulent sign-ups; `rung` of 0 to 3 is how operators evade.
    """
    ladder = rungs()
    if not 0 < scale <= 1:
        raise BadConfiguration(f"scale {scale} is out of range", "", "above 0, at most 1; 0.01 gives 2,640 sign-ups")
    if not 0 <= rung < len(ladder):
        raise BadConfiguration(f"no rung {rung}", "signups.yaml", f"0 to {len(ladder) - 1}")
    for folder in ("log", "labels"):
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    numbers = lands.numbers()
    crowd = Crowd(seed, scale, numbers)
    steps = len(ALL) + 2
    for done, (name, group) in enumerate(ALL.items(), start=1):
        group(crowd, numbers["honest"][name])
        if progress:
            progress(done, steps)
    operators(crowd, ladder[rung])
    if progress:
        progress(steps - 1, steps)
    start = datetime.fromisoformat(numbers["start"]).replace(tzinfo=UTC)
    start_us = int(start.timestamp()) * 1_000_000
    for path, table in {
        "log/accounts": registers.accounts(crowd, start_us),
        "log/declared": registers.declared(crowd, start_us),
        "labels/accounts": registers.labels(crowd, start_us),
    }.items():
        pq.write_table(table, out / f"{path}.parquet", compression="zstd")
    summary = _summary(crowd, rung)
    about = {"about": numbers["about"], "rung_about": ladder[rung]["about"], "start": start.isoformat()}
    document = {**asdict(summary), **about, "days": crowd.days}
    (out / "labels" / "world.json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if progress:
        progress(steps, steps)
    return summary


def _summary(crowd: Crowd, rung: int) -> Summary:
    groups, makers = Counter[str](), Counter[str]()
    for one in crowd.groups:
        groups[one.people.group] += len(one)
        makers.update(one.operator[one.operator != ""].tolist())
    fraudulent = sum(makers.values())
    return Summary(
        crowd.scale,
        crowd.seed,
        rung,
        dict(groups),
        sum(groups.values()) - fraudulent,
        fraudulent,
        dict(sorted(makers.items())),
        sum(int((one.people.succeeds != 0).sum()) for one in crowd.groups),
    )
