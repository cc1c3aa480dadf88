"""Whose keys were stolen: an account with role `victim` is helped, and never asked to prove itself, limited or suspended.

Its rows are `rotate_keys` (those that the harvest was sent with, as far as a scan's tables tell), `notify` with words that may
be told to the customer, and `watch`, so that somebody sees whether the harvest ends with the old keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from stillwatch.config import Verification
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.verification.ladder.responses import Response, in_force
from stillwatch.verification.ladder.rungs import DAY

HELP = ("rotate_keys", "notify", "watch")
_UNDO = "nothing was taken away; stillwatch verify due --undo KEY takes the row back"
_TOLD = (
    "Somebody else seems to be using an API key of yours. Nothing is held against you, and your account stays open. Please "
    "make new keys, revoke the old ones, and look where they are kept: code that others can read, logs, machines of former "
    "colleagues. Charges for what was not yours are looked at with you. Quote {appeal} when you write."
)


@dataclass(frozen=True)
class Victim:
    """An account that others used."""

    account_id: str
    campaign_id: str
    keys: tuple[str, ...]  # pseudonyms of API keys that the harvest was sent with; none where nothing tells
    exchanges: int  # attributed to the campaign


def victims(result: Path) -> list[Victim]:
    """From the result folder of a scan, replay or watch, in order of accounts."""
    found = _read(result / "accounts.parquet", ["account_id", "campaign_id", "role"])
    own = found.filter(pc.equal(found["role"], "victim"))
    names = own["account_id"].to_pylist()
    attributed = _attributed(result, names)
    keys = _keys(result, [one for ids in attributed.values() for one in ids])
    return [
        Victim(name, campaign or "", tuple(sorted(keys.get(name, ()))), len(attributed.get(name, ())))
        for name, campaign in sorted(zip(names, own["campaign_id"].to_pylist(), strict=True))
    ]


def helped(
    found: Iterable[Victim], written: Sequence[Response], named: Mapping[str, str], now: float, settings: Verification
) -> list[Response]:
    """Rows for victims that have none which stands. `named`: what the provider calls a key, by its pseudonym."""
    there = {(one.account_id, one.what) for one in in_force(written, now)}
    before: dict[str, int] = defaultdict(int)
    for one in written:
        before[one.account_id] += one.what in HELP
    rows = []
    for victim in found:
        number = before[victim.account_id] // len(HELP) + 1
        for what in HELP:
            if (victim.account_id, what) not in there:
                rows.append(_row(victim, what, number, named, now, settings))
    return rows


def helped_accounts(written: Sequence[Response], now: float) -> frozenset[str]:
    """Accounts that are being helped, by the rows that stand."""
    return frozenset(one.account_id for one in in_force(written, now) if one.what == "rotate_keys")


def _row(one: Victim, what: str, number: int, named: Mapping[str, str], now: float, settings: Verification) -> Response:
    appeal = f"H-{one.account_id}-{number}"
    keys = tuple(named.get(key, key) for key in one.keys)
    which = f"{len(keys)} keys that it was sent with" if keys else "which keys is not known: all of them"
    return Response(
        f"{one.account_id}:{what}:{number}", one.account_id, what,
        f"a victim in {one.campaign_id or 'a campaign'}, {one.exchanges:,} exchanges; {which}",
        now, now + settings.response_days * DAY, _UNDO, appeal,
        told=_TOLD.format(appeal=appeal) if what == "notify" else "",
        details=keys if what == "rotate_keys" else (),
    )  # fmt: skip


def _attributed(result: Path, accounts: list[str]) -> dict[str, list[str]]:
    """Exchanges of these accounts that were attributed to a campaign."""
    path = result / "exchanges.parquet"
    if not accounts or not path.is_file():
        return {}
    rows = ds.dataset(path).to_table(["exchange_id", "account_id"], filter=ds.field("account_id").isin(accounts))
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows.to_pylist():
        found[row["account_id"]].append(row["exchange_id"])
    return found


def _keys(result: Path, exchanges: list[str]) -> dict[str, set[str]]:
    """By account, the keys that these exchanges were sent with, as the scan's own table has them."""
    path = result / "tables" / "uses.parquet"
    if not exchanges or not path.is_file() or "api_key_id" not in pq.read_schema(path).names:
        return {}
    rows = ds.dataset(path).to_table(
        ["account_id", "api_key_id"], filter=ds.field("exchange_id").isin(pa.array(exchanges))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows.to_pylist():
        if row["api_key_id"]:
            found[row["account_id"]].add(row["api_key_id"])
    return found


def _read(path: Path, columns: list[str]) -> pa.Table:
    if not path.is_file():
        raise NothingToRead(
            "no result to look for victims in", str(path), "a result folder", "stillwatch scan LOG --out OUT"
        )
    try:
        return pq.read_table(path, columns=columns)
    except (pa.ArrowInvalid, OSError, KeyError) as problem:
        raise BadConfiguration(f"result not readable: {problem}", str(path), "what stillwatch wrote there") from None
