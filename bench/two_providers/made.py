"""Two logs: one campaign dealt out over both, honest customers of each, and some honest people who are customers of both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.worlds import load, make

WORLD, SPLIT = "disclosure-2026-02", "hydra"
SAME = ("email", "email_domain", "phone", "payment_fingerprint", "device_fingerprint")  # of a person, wherever they go


@dataclass(frozen=True)
class Provider:
    name: str
    folder: Path  # log/, labels/
    both: frozenset[str]  # accounts of honest people who have one at the other provider too


def two_providers(
    folder: Path, seed: int, scale: float, rung: int, both: int, share: float = 0.5
) -> tuple[Provider, Provider]:
    """North has all campaigns of its world but a share of the network; south has that, among people of another seed.

    What is there already is not made again.
    """
    done = folder / "both.json"
    if not done.exists():
        people = _dealt(folder, seed, scale, rung, both, share)
        done.write_text(json.dumps(people))
    found = json.loads(done.read_text())
    return tuple(Provider(one, folder / one, frozenset(found[one])) for one in ("north", "south"))  # type: ignore[return-value]


def _dealt(folder: Path, seed: int, scale: float, rung: int, both: int, share: float) -> dict[str, list[str]]:
    """Of each provider the accounts of honest people who are customers of both."""
    for name, own in (("north", seed), ("south", seed + 1_000)):
        make(folder / name, load(WORLD, rung), scale=scale, seed=own, workers=1)
    labels = {name: pq.read_table(folder / name / "labels/accounts.parquet") for name in ("north", "south")}
    network = labels["north"].filter(pc.equal(labels["north"]["campaign"], SPLIT))["account_id"].to_pylist()
    moved = set(np.random.default_rng(seed).permutation(sorted(network))[: round(len(network) * share)].tolist())
    planted = set(labels["south"].filter(pc.is_valid(labels["south"]["campaign"]))["account_id"].to_pylist())
    for part in ("log/accounts.parquet", "labels/accounts.parquet"):
        north, south = (pq.read_table(folder / name / part) for name in ("north", "south"))
        leave, stay = _with(north, moved), _without(south, planted)
        _write(folder / "north" / part, _without(north, moved))
        _write(folder / "south" / part, pa.concat_tables([stay, leave]))
    for path in sorted((folder / "north/log/exchanges").iterdir()):
        other = folder / "south/log/exchanges" / path.name
        north, south = pq.read_table(path), pq.read_table(other)
        _write(other, pa.concat_tables([_without(south, planted), _with(north, moved)]).sort_by("timestamp"))
        _write(path, _without(north, moved))
    people = {name: _honest(folder / name, both, seed) for name in ("north", "south")}
    _same_people(folder, people["north"], people["south"])
    return people


def _honest(folder: Path, many: int, seed: int) -> list[str]:
    labels = pq.read_table(folder / "labels/accounts.parquet")
    ordinary = labels.filter(pc.equal(labels["group"], "individuals"))["account_id"].to_pylist()
    return np.random.default_rng(seed + 1).permutation(sorted(ordinary))[:many].tolist()  # type: ignore[no-any-return]


def _same_people(folder: Path, there: list[str], here: list[str]) -> None:
    """The south's person has the mailbox, card, device and number of the north's."""
    north = {row["account_id"]: row for row in pq.read_table(folder / "north/log/accounts.parquet").to_pylist()}
    path = folder / "south/log/accounts.parquet"
    table = pq.read_table(path)
    twin = dict(zip(here, there, strict=True))
    rows = [
        {**row, **{name: north[twin[row["account_id"]]][name] for name in SAME}} if row["account_id"] in twin else row
        for row in table.to_pylist()
    ]
    _write(path, pa.Table.from_pylist(rows, schema=table.schema))


def _with(table: pa.Table, accounts: set[str]) -> pa.Table:
    return table.filter(pc.is_in(table["account_id"], pa.array(sorted(accounts), pa.string())))


def _without(table: pa.Table, accounts: set[str]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table["account_id"], pa.array(sorted(accounts), pa.string()))))


def _write(path: Path, table: pa.Table) -> None:
    pq.write_table(table.unify_dictionaries(), path, compression="zstd")
