"""What a provider knows at its last look: closed accounts with their values, and what members and everybody else do.

Read from a result folder (who is counted to which campaign, the values and templates of each account) and from the account
table as it is now (who was made and banned since). A victim's values are not its campaign's, and it is nobody's predecessor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead
from stillwatch.fitting import FILE
from stillwatch.verification.returning.closed import NEVER, Closed, Holder
from stillwatch.verification.returning.population import CHANCE, USES, Habits, Population, evenly

_TRAFFIC = {"shared_address": "address", "client_build": "build"}  # kinds of tables/account_values, and ours
_DAY = r"/[0-9]{4}-[0-9]{2}-[0-9]{2}$"  # that an address is tied by there; here it is compared over all days


@dataclass(frozen=True)
class Known:
    """At the end of what the result has read."""

    closed: Closed
    population: Population
    look: float  # seconds since 1970
    seen: frozenset[str]  # accounts that had sent something by then
    campaigns: dict[str, str]  # account → campaign


def known(registered: pa.Table, result: Path) -> Known:
    """`registered` are all accounts as of now (tables.REGISTERED), pseudonyms under the key of the result."""
    standing = _read(result, "accounts.parquet")
    window = orjson.loads((result / "campaigns.json").read_bytes())["window"]
    accounts, values = _read(result, "tables/accounts.parquet"), _read(result, "tables/account_values.parquet")
    counted = standing.filter(
        pc.and_(pc.is_valid(standing["campaign_id"]), pc.not_equal(pc.fill_null(standing["role"], ""), "victim"))
    )
    campaigns = dict(zip(counted["account_id"].to_pylist(), counted["campaign_id"].to_pylist(), strict=True))
    spoke = accounts.filter(pc.greater(accounts["exchanges"], 0))
    since = _seconds(spoke["first_seen"])
    victims = standing.filter(pc.equal(pc.fill_null(standing["role"], ""), "victim"))["account_id"]
    population = _population(registered, spoke, campaigns, result, float(since.min()) if len(since) else 0.0)
    closed = _closed(registered, values, campaigns, frozenset(victims.to_pylist()))
    look = datetime.fromisoformat(window["to"].replace("Z", "+00:00")).timestamp()
    return Known(closed, population, look, frozenset(spoke["account_id"].to_pylist()), campaigns)


def _closed(registered: pa.Table, values: pa.Table, campaigns: dict[str, str], victims: frozenset[str]) -> Closed:
    held = pa.concat_tables([*_registered_values(registered), *_traffic_values(values)]).unify_dictionaries()
    held = held.group_by(["account_id", "kind", "value"]).aggregate([])
    banned = registered.filter(pc.is_valid(registered["banned_at"]))["account_id"].to_pylist()
    told = pa.array(sorted({*campaigns, *banned} - victims), pa.string())
    wanted = held.filter(pc.is_in(held["account_id"], told)).group_by(["kind", "value"]).aggregate([])
    held = held.join(wanted, ["kind", "value"], join_type="left semi")
    holders = pa.chunked_array([pc.unique(pa.concat_arrays([*_chunks(held["account_id"]), told]))])
    of = registered.filter(pc.is_in(registered["account_id"], holders.combine_chunks()))
    order = of["account_id"].to_pylist()
    place = {name: number for number, name in enumerate(order)}
    made = np.nan_to_num(_seconds(of["created_at"]), nan=-np.inf).tolist()
    ended = np.nan_to_num(_seconds(of["banned_at"]), nan=NEVER).tolist()
    people = [
        Holder(name, created, NEVER if name in victims else gone, campaigns.get(name, ""))
        for name, created, gone in zip(order, made, ended, strict=True)
    ]
    rows = zip(*(held[name].to_pylist() for name in ("account_id", "kind", "value")), strict=True)
    return Closed(people, [(place[who], kind, value) for who, kind, value in rows if who in place])


def _registered_values(registered: pa.Table) -> list[pa.Table]:
    pattern = pc.binary_join_element_wise(registered["email_shape"], registered["email_domain"], "@")
    columns = {
        "payment": registered["payment_fingerprint"],
        "device": registered["device_fingerprint"],
        "phone": registered["phone"],
        "mail_pattern": pattern,
        "address": registered["signup_address"],
        "prefix": registered["signup_prefix"],
    }
    return [_values(registered["account_id"], kind, column) for kind, column in columns.items()]


def _traffic_values(values: pa.Table) -> list[pa.Table]:
    found = []
    for tie, kind in _TRAFFIC.items():
        own = values.filter(pc.equal(values["kind"], tie))
        plain = pc.replace_substring_regex(own["value"], _DAY, "") if kind == "address" else own["value"]
        found.append(_values(own["account_id"], kind, plain))
    return found


def _values(accounts: pa.ChunkedArray, kind: str, values: pa.ChunkedArray) -> pa.Table:
    rows = pa.table({"account_id": accounts, "kind": pa.repeat(kind, len(accounts)), "value": values})
    return rows.filter(pc.is_valid(rows["value"]))


def _population(
    registered: pa.Table, spoke: pa.Table, campaigns: dict[str, str], result: Path, since: float
) -> Population:
    created = _seconds(registered["created_at"])
    names, everything = spoke["account_id"].to_pylist(), spoke["exchanges"].to_numpy()
    first = np.rint(np.nan_to_num(spoke["day_one_share"].to_numpy()) * everything).astype(np.int64)
    of = np.array([campaigns.get(name, "") for name in names], object)
    strangers = of == ""
    place = {name: number for number, name in enumerate(names)}
    used: dict[str, np.ndarray] = {}
    for campaign, account, exchanges in _own_use(result):
        counts = used.setdefault(campaign, np.zeros(len(names), np.int64))
        if account in place:
            counts[place[account]] += exchanges
    habits = {}
    for campaign in sorted(set(campaigns.values())):
        mine = of == campaign
        counts = used.get(campaign, np.zeros(0, np.int64))
        days = tuple(np.sort(first[mine]).tolist())
        if not len(counts) or not mine.any():
            habits[campaign] = Habits(first_days=days)
            continue
        users = strangers & (counts >= USES * everything)
        others = strangers & ~users
        habits[campaign] = Habits(
            evenly(list(zip(counts[mine].tolist(), everything[mine].tolist(), strict=True))),
            days,
            int(users.sum()),
            max((int(counts[others].sum()) + 1) / (int(everything[others].sum()) + 1), CHANCE),
        )
    known_since = tuple(np.sort(np.nan_to_num(created, nan=-np.inf)).tolist())
    return Population(known_since, since, int(strangers.sum()), tuple(np.sort(first[strangers]).tolist()), habits)


def _own_use(result: Path) -> list[tuple[str, str, int]]:
    """(campaign, account, exchanges) of every use of a campaign's own templates, whoever uses them."""
    if not (result / FILE).is_file():
        return []
    templates = pq.read_table(result / FILE, columns=["at", "campaign_id", "template_id"])
    last = templates.filter(pc.equal(templates["at"], pc.max(templates["at"])))
    own = last.filter(pc.is_valid(last["campaign_id"])).select(["template_id", "campaign_id"])
    use = _read(result, "tables/account_templates.parquet")
    use = use.filter(pc.equal(use["field"], "prompt")).select(["account_id", "template_id", "exchanges"])
    joined = use.join(own, "template_id", join_type="inner")
    by = joined.group_by(["campaign_id", "account_id"]).aggregate([("exchanges", "sum")])
    rows = (by[name].to_pylist() for name in ("campaign_id", "account_id", "exchanges_sum"))
    return list(zip(*rows, strict=True))


def _read(result: Path, name: str) -> pa.Table:
    path = result / name
    if not path.is_file():
        raise NothingToRead(
            "the result has no such table", str(path), "a result of scan or replay on this machine, with OUT/tables"
        )
    return pq.read_table(path)


def _seconds(times: pa.ChunkedArray) -> np.ndarray:
    return times.cast(pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64) / 1e6  # nulls become NaN


def _chunks(column: pa.ChunkedArray) -> list[pa.Array]:
    return [chunk.cast(pa.string()) for chunk in column.chunks]
