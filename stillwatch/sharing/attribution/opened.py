"""What a result folder says of one campaign and of who may be behind it. It is read and left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead
from stillwatch.evidence import CAPABILITIES, Campaign, Report
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.render.json import read_campaigns
from stillwatch.run.sides import compared
from stillwatch.sharing.attribution.actors import Library
from stillwatch.sharing.attribution.seen import F64, Activity, Seen, Shown

_HARVESTS = "harvester"
_DAY = 86_400
_MICROSECONDS = 1_000_000
# Where accounts show a value of a type: stored table and column.
_COLUMNS = {
    "ipv4-addr": (("uses", "address"), ("registered", "signup_address")),
    "ipv6-addr": (("uses", "address"), ("registered", "signup_address")),
    "tls": (("uses", "tls_fingerprint"),),
    "headers": (("uses", "header_fingerprint"),),
    "user-agent": (("registered", "signup_user_agent"),),
    "payment": (("registered", "payment_fingerprint"),),
    "device": (("registered", "device_fingerprint"),),
    "phone": (("registered", "phone"),),
    "email-addr": (("registered", "email"),),
    "domain-name": (("registered", "email_domain"),),
    "template": (("account_templates", "template_id"),),
}


def opened(out: Path, name: str, library: Library, keys: Pseudonyms) -> Seen:
    """One campaign of a result, with the values of the library that its accounts show."""
    report = read_campaigns(out / "campaigns.json")
    campaign = _of(report, name, out)
    standing = pq.read_table(_file(out, "accounts.parquet"), columns=["account_id", "campaign_id", "role"])
    own = standing.filter(pc.fill_null(pc.equal(standing["campaign_id"], name), False))
    harvests = own.filter(pc.fill_null(pc.equal(own["role"], _HARVESTS), False))
    inside = pc.unique((harvests if len(harvests) else own)["account_id"])
    accused = standing.filter(pc.is_valid(standing["campaign_id"]))["account_id"].combine_chunks()
    missing: list[str] = []
    last = datetime.fromisoformat(campaign.last_seen).astimezone(UTC).date()
    activity, usual = _activity(out, own["account_id"].combine_chunks(), accused, report, missing)
    marks, earlier = _marks(out, name, library, missing)
    return Seen(
        campaign=name,
        day=last,
        confidence=campaign.confidence,
        accounts=len(inside),
        others=standing.num_rows - len(accused),
        harvest=campaign.harvested_exchanges / max(campaign.exchanges, 1),
        shown=tuple(_shown(out, library, last, inside, accused, keys, missing)),
        capabilities={one["name"]: one["share"] for one in campaign.capabilities},
        usual=usual,
        marks=marks,
        earlier=earlier,
        activity=activity,
        unknown=tuple(dict.fromkeys(missing)),
    )


def _of(report: Report, name: str, out: Path) -> Campaign:
    found = next((one for one in report.campaigns if one.campaign_id == name), None)
    if found is None:
        known = ", ".join(one.campaign_id for one in report.campaigns)
        raise NothingToRead(f"no campaign {name!r}", str(out), known or "there is none in this result")
    return found


def _file(out: Path, name: str) -> Path:
    path = out / name
    if not path.exists():
        raise NothingToRead("no result there", str(path), "a folder that `stillwatch scan` wrote")
    return path


def _table(out: Path, name: str) -> ds.Dataset | None:
    path = out / "tables" / f"{name}.parquet"
    return ds.dataset(path, format="parquet") if path.exists() else None


def _shown(
    out: Path, library: Library, on: date, inside: pa.Array, accused: pa.Array, keys: Pseudonyms, missing: list[str]
) -> Iterator[Shown]:
    listed: dict[str, dict[str, set[str]]] = {}  # by type: what is compared → values of the library
    for _, _, one in library.listed():
        if one.holds(on):
            listed.setdefault(one.type, {}).setdefault(compared(one.type, one.value, keys), set()).add(one.value)
    for kind, values in sorted(listed.items()):
        held: dict[str, set[str]] = {}  # value as compared → accounts
        for name, column in _COLUMNS[kind]:
            table = _table(out, name)
            if table is None or column not in table.schema.names:
                missing.append(f"Where accounts show values of type {kind} is not in this result ({name}).")
                continue
            for value, account in _pairs(table, column, values):
                held.setdefault(value, set()).add(account)
        own, others = set(inside.to_pylist()), set(accused.to_pylist())
        for value, accounts in sorted(held.items()):
            for written in sorted(values[value]):
                yield Shown(kind, written, len(accounts & own), len(accounts - others))


def _pairs(table: ds.Dataset, column: str, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    rows = table.to_table(columns=["account_id", column], filter=ds.field(column).isin(list(values)))
    distinct = rows.group_by([column, "account_id"]).aggregate([])
    yield from zip(distinct[column].to_pylist(), distinct["account_id"].to_pylist(), strict=True)


def _activity(
    out: Path, own: pa.Array, accused: pa.Array, report: Report, missing: list[str]
) -> tuple[Activity | None, dict[str, float]]:
    """Days from the first of the harvest to the last of the log, and the mix that others ask for in all of the log."""
    uses, days, clusters = (_table(out, name) for name in ("uses", "harvest_days", "clusters"))
    if uses is None or days is None or clusters is None:
        missing.append("Days and what others send are not in this result: its tables stayed where they were made.")
        return None, {}
    of = clusters.to_table(columns=["cluster_id"], filter=ds.field("account_id").isin(own))["cluster_id"]
    rows = days.to_table(filter=ds.field("cluster_id").isin(pc.unique(of.combine_chunks()))).to_pylist()
    if not rows:
        return None, {}
    first = min(row["day"] for row in rows).date()
    ends = datetime.fromisoformat(report.window["to"]).astimezone(UTC).date()  # days without a harvest are days as well
    length = (max(ends, *(row["day"].date() for row in rows)) - first).days + 1
    harvested = np.zeros((length, len(CAPABILITIES)))
    for row in rows:
        harvested[(row["day"].date() - first).days, CAPABILITIES.index(row["capability"])] += row["exchanges"]
    others, mix = _others(uses, accused, first, length)
    released = [datetime.fromisoformat(one["released_at"]).date() for one in report.releases]
    usual = dict(zip(CAPABILITIES, (mix / max(mix.sum(), 1.0)).tolist(), strict=True))
    return Activity(first, harvested, others, tuple(sorted(set(released)))), usual


def _others(uses: ds.Dataset, accused: pa.Array, first: date, length: int) -> tuple[F64, F64]:
    """Exchanges of accounts of no campaign, by day and capability, and by capability over all days."""
    kinds = len(CAPABILITIES)
    counts, mix = np.zeros(length * kinds), np.zeros(kinds)
    begins = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    outside = ~ds.field("account_id").isin(accused)
    for batch in uses.to_batches(columns=["timestamp", "capability"], filter=outside):
        capability = batch["capability"].fill_null(kinds - 1).to_numpy(zero_copy_only=False).astype(np.int64)
        at = batch["timestamp"].cast(pa.int64()).to_numpy(zero_copy_only=False) // _MICROSECONDS
        day = (at - begins) // _DAY
        mix += np.bincount(capability, minlength=kinds)[:kinds]
        within = (day >= 0) & (day < length)
        counts += np.bincount(day[within] * kinds + capability[within], minlength=length * kinds)
    return counts.reshape(length, kinds), mix


def _marks(
    out: Path, name: str, library: Library, missing: list[str]
) -> tuple[frozenset[int], dict[str, frozenset[int]]]:
    """Fingerprints of the campaign's templates, and of what was laid to each actor before."""
    path = out / "templates.parquet"
    if not path.exists():
        missing.append("The campaign's templates are not in this result.")
        return frozenset(), {}
    settings = pq.read_schema(path).metadata
    earlier: dict[str, frozenset[int]] = {}
    for actor in library.actors:
        for one in actor.earlier:
            if not Path(one.templates).exists():
                missing.append(f"Templates of {one.campaign}, laid to {actor.id}, are not at {one.templates}.")
            elif pq.read_schema(one.templates).metadata != settings:
                missing.append(f"Templates of {one.campaign} were fingerprinted by other settings: not compared.")
            elif one.campaign != name:
                before = earlier.get(actor.id, frozenset())
                earlier[actor.id] = before | _marks_of(Path(one.templates), one.campaign)
    return _marks_of(path, name), earlier


def _marks_of(path: Path, campaign: str) -> frozenset[int]:
    rows = pq.read_table(path, columns=["shingles"], filters=[("campaign_id", "=", campaign)])
    return frozenset(pc.list_flatten(rows["shingles"]).to_pylist())
