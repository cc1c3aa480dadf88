"""What a provider can match: values of its accounts from the log, in memory only, joined with what a scan found of them.

Whose values: harvesters and spares of campaigns (`campaign`), or every account (`all`), which only a holder may choose: it
tells an asker which of the asker's own campaign values are known here at all. Victims are in neither: they are nobody's hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead
from stillwatch.readers import open_sides
from stillwatch.sharing.matching.buckets import LEAST_SHINGLES, buckets
from stillwatch.sharing.matching.kinds import BY_NAME, TEMPLATE, Kind, Unmatchable, spelled, written
from stillwatch.uses import settings_of

ASKED_FOR = ("harvester", "spare")  # roles: whose accounts they are is known; a carrier's and a victim's are others'
CAMPAIGN, EVERYBODY = "campaign", "all"


@dataclass
class Held:
    """One value: whose it is here, and the campaign that it speaks for, if any."""

    accounts: list[str] = field(default_factory=list)
    campaign: str = ""
    score: float = 0.0  # of the account that is most surely in that campaign, 0..1

    def add(self, account: str, campaign: str, score: float) -> None:
        self.accounts.append(account)
        if campaign and score > self.score:
            self.campaign, self.score = campaign, score


@dataclass(frozen=True)
class Gathered:
    """By input of the function. What was left out is counted with its reason; values are in no text."""

    held: dict[bytes, Held]
    left_out: Counter[str]

    def __repr__(self) -> str:
        return f"Gathered(<{len(self.held):,} values>)"


def gathered(log: Path, result: Path, kinds: Sequence[str], whom: str, reading: Reading, now: datetime) -> Gathered:
    """All values of these kinds (kinds.py) of a log folder, as the scan in `result` sees its accounts.

    NothingToRead where either has no accounts.
    """
    members, victims = _members(result)
    held: dict[bytes, Held] = {}
    left_out: Counter[str] = Counter()
    columns = [BY_NAME[name] for name in kinds if name in BY_NAME]
    if columns:
        accounts = _registered(log, reading, now, left_out)
        for kind in columns:
            for value, account in _values(kind, accounts, members, victims, whom, left_out):
                held.setdefault(value, Held()).add(account, *members.get(account, ("", 0.0)))
    if TEMPLATE in kinds:
        for value, account in _buckets(result, members, left_out):
            held.setdefault(value, Held()).add(account, *members[account])
    return Gathered(held, left_out)


def _members(result: Path) -> tuple[dict[str, tuple[str, float]], frozenset[str]]:
    """Account → campaign and score of those whose values may be asked for; and who is a victim."""
    rows = _read(result, "accounts.parquet", ["account_id", "campaign_id", "score", "role"])
    mine = rows.filter(
        pc.and_(pc.is_valid(rows["campaign_id"]), pc.is_in(rows["role"], pa.array(ASKED_FOR)))
    ).to_pydict()
    names = zip(mine["campaign_id"], mine["score"], strict=True)
    victims = rows.filter(pc.equal(pc.fill_null(rows["role"], ""), "victim"))["account_id"]
    return dict(zip(mine["account_id"], names, strict=True)), frozenset(victims.to_pylist())


def _registered(log: Path, reading: Reading, now: datetime, left_out: Counter[str]) -> pa.Table:
    table, rejects = open_sides(log, reading, now).table("accounts")
    left_out.update(f"{one.file}: {one.column} {one.reason}".replace(":  ", ": ") for one in rejects)
    if table is None:
        raise NothingToRead("the log has no table of accounts", str(log), "accounts.parquet or accounts.jsonl")
    return table


def _values(
    kind: Kind,
    accounts: pa.Table,
    members: Collection[str],
    victims: Collection[str],
    whom: str,
    left_out: Counter[str],
) -> Iterator[tuple[bytes, str]]:
    """Each value in its one form, with each account that it is of and that counts."""
    coded = accounts[kind.column].combine_chunks().dictionary_encode()
    inputs: list[bytes | None] = []
    for one in coded.dictionary.to_pylist():
        inputs.append(_input(kind, one, left_out))
    owners: dict[bytes, list[str]] = {}
    for place, account in zip(coded.indices.to_pylist(), accounts["account_id"].to_pylist(), strict=True):
        value = None if place is None else inputs[place]
        if value is not None:
            owners.setdefault(value, []).append(account)
    for value, those in owners.items():
        if len(those) > kind.crowd:
            left_out[f"{kind.name} is of more than {kind.crowd} accounts here, and names nobody"] += 1
            continue
        yield from ((value, one) for one in those if one in members or (whom == EVERYBODY and one not in victims))


def _input(kind: Kind, value: str, left_out: Counter[str]) -> bytes | None:
    if not value.strip():
        return None
    try:
        return written(kind.name, spelled(kind, value).encode("utf-8", "replace"))
    except Unmatchable as why:
        left_out[f"{kind.name} {why}"] += 1
        return None


def _buckets(
    result: Path, members: dict[str, tuple[str, float]], left_out: Counter[str]
) -> Iterator[tuple[bytes, str]]:
    """Buckets of campaigns' own templates, with the members that sent texts made from them."""
    templates = _read(result, "templates.parquet", ["at", "campaign_id", "template_id", "field", "shingles"])
    used = _read(result, "exchanges.parquet", ["account_id", "template_id"])
    users: dict[str, list[str]] = {}
    for row in (
        used.filter(pc.is_valid(used["template_id"])).group_by(["template_id", "account_id"]).aggregate([]).to_pylist()
    ):
        if row["account_id"] in members:
            users.setdefault(row["template_id"], []).append(row["account_id"])
    text, _ = settings_of(templates)
    own = templates.filter(pc.is_valid(templates["campaign_id"])).sort_by([("at", "descending")])
    seen: set[str] = set()
    for row in own.select(["template_id", "shingles"]).to_pylist():
        name = row["template_id"]
        if name in seen or name not in users:
            continue
        seen.add(name)
        found = buckets(pa.array(row["shingles"], pa.int32()).to_numpy(), text)
        if not found:
            left_out[f"template has fewer than {LEAST_SHINGLES} fingerprints, and is a phrase"] += 1
        for one in found:
            yield from ((written(TEMPLATE, one), account) for account in sorted(users[name]))


def _read(result: Path, name: str, columns: list[str]) -> Any:
    path = result / name
    if not path.exists():
        raise NothingToRead(f"the result has no {name}", str(result), "the result folder of a scan or a replay")
    table = pq.read_table(path)
    return table.select(columns)
