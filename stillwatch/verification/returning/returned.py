"""Newcomers of a log held against accounts that were closed before: at sign-up, and after their first exchanges.

result + accounts → what is known (known.py);  log → first exchanges (first_exchanges.py);  judge → rows and a document
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Config, Returns
from stillwatch.errors import NothingToRead
from stillwatch.fitting import templates
from stillwatch.networks import Networks
from stillwatch.pseudonyms import load_key
from stillwatch.readers import open_log
from stillwatch.registered import clean_accounts
from stillwatch.run.progress import Silent, Timings, Watcher
from stillwatch.verification.returning.closed import NEVER
from stillwatch.verification.returning.first_exchanges import Reads, first_exchanges
from stillwatch.verification.returning.judged import Returning, judge, moment
from stillwatch.verification.returning.known import Known, known
from stillwatch.verification.returning.newcomer import Newcomer, Sent
from stillwatch.verification.signup import Signup

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Asked:
    """What is read, and how much of it."""

    log: Path
    result: Path
    key: Path | None = None  # of pseudonyms; RESULT.key beside the result when not given
    networks: Path | None = None
    since: datetime | None = (
        None  # newcomers begin later; by default the result's look, or the first ban if that is later
    )
    until: datetime | None = None  # nothing later is read; by default the log's end


@dataclass(frozen=True)
class Returned:
    """What came out."""

    document: dict[str, Any]
    rows: pa.Table  # RESULT_RETURNING
    judged: tuple[Returning, ...]
    rejected: int  # rows of the log that were set aside


def returned(asked: Asked, config: Config, now: datetime, watcher: Watcher | None = None) -> Returned:
    """Judge every account of a log that begins after what the result has read."""
    timings, settings = Timings(watcher or Silent()), config.returns
    log = open_log(asked.log, config.reading, now)
    accounts = log.table("accounts")[0]
    if accounts is None:
        raise NothingToRead("no account table, so nothing is known to be closed", str(asked.log), "accounts.parquet")
    keys = load_key(asked.key or asked.result.with_name(f"{asked.result.name}.key"), os.environ)
    registered = clean_accounts(accounts, keys)
    have = known(registered, asked.result)
    since = _since(asked, have, registered)
    until = (asked.until or now).timestamp()
    reads = Reads(keys, Networks.load(asked.networks), templates(asked.result), since, until, settings.first)
    with timings.stage("returning", "read first exchanges", log.bytes) as made:
        found = first_exchanges(log, have.seen, reads, timings.watcher.advances)
        made["rows"] = sum(map(len, found.of.values()))
    judged = tuple(
        judge(one, have.closed, have.population, settings)
        for signup in _signups(registered, found.of, have.seen, since, until)
        for one in stages(signup, found.of.get(signup.account_id, ()), since, settings)
    )
    return Returned(_document(judged, asked, have, since, settings), rows(judged, settings), judged, found.rejected)


def stages(signup: Signup, sent: Sequence[Sent], since: float, settings: Returns) -> list[Newcomer]:
    """One account at each moment at which it is judged; not at a sign-up before `since`, nor twice for the same exchanges."""
    counts = sorted({count for count in settings.stages if 0 < count < min(len(sent), settings.first)} | {len(sent)})
    made = [Newcomer(signup, sent[count - 1].at, tuple(sent[:count])) for count in counts if count]
    return [*([Newcomer(signup, signup.at)] if 0 in settings.stages and signup.at >= since else []), *made]


def rows(judged: Sequence[Returning], settings: Returns) -> pa.Table:
    """RESULT_RETURNING."""
    return pa.Table.from_pylist(
        [
            {
                "account_id": one.account_id,
                "exchanges": one.exchanges,
                "at": datetime.fromtimestamp(one.at, UTC),
                "likelihood": one.likelihood,
                "bits": one.bits,
                "linked": one.linked(settings),
                "campaign_id": one.campaign,
                "banned_account": one.account,
                "reasons": [{k: v for k, v in asdict(reason).items() if k in _REASON} for reason in one.reasons],
            }
            for one in judged
        ],
        schema=tables.RESULT_RETURNING.schema,
    )


_REASON = ("code", "text", "weight", "innocent_explanation")


def _since(asked: Asked, have: Known, registered: pa.Table) -> float:
    if asked.since is not None:
        return asked.since.timestamp()
    first = pc.min(registered["banned_at"]).as_py()
    return max(have.look, first.timestamp() if first is not None else have.look)


def _signups(
    registered: pa.Table, sent: Mapping[str, Sequence[Sent]], seen: frozenset[str], since: float, until: float
) -> list[Signup]:
    """Of accounts that began, or signed up, after `since`; one that the account table lacks has its exchanges alone."""
    found, missing = [], dict(sent)
    for row in registered.to_pylist():
        name, made = row["account_id"], row["created_at"]
        first = missing.pop(name, ())
        at = made.timestamp() if made is not None else first[0].at if first else NEVER
        if name not in seen and (first or since <= at <= until):
            found.append(_signup(row, min(at, first[0].at) if first else at))
    return found + [Signup(name, first[0].at) for name, first in missing.items()]


def _signup(row: Mapping[str, Any], at: float) -> Signup:
    return Signup(
        account_id=row["account_id"],
        at=at,
        organization_id=row["organization_id"] or "",
        email=row["email"] or "",
        email_domain=row["email_domain"] or "",
        email_shape=row["email_shape"] or "",
        phone=row["phone"] or "",
        payment=row["payment_fingerprint"] or "",
        device=row["device_fingerprint"] or "",
        address=row["signup_address"] or "",
        prefix=row["signup_prefix"] or "",
    )


def _document(
    judged: Sequence[Returning], asked: Asked, have: Known, since: float, settings: Returns
) -> dict[str, Any]:
    last = {one.account_id: one for one in judged}  # of each account, by most exchanges
    linked = sorted((one for one in last.values() if one.linked(settings)), key=lambda one: (-one.bits, one.account_id))
    counts = Counter(one.campaign or "" for one in linked)
    return {
        "schema_version": SCHEMA_VERSION,
        "since": moment(since),
        "look": moment(have.look),
        "hindsight": since < have.look,  # what the result says of accounts was not known to all moments of judgement
        "newcomers": len(last),
        "linked": len(linked),
        "linked_at_sign_up": sum(one.linked(settings) for one in judged if not one.exchanges),
        "by_campaign": dict(sorted(counts.items())),
        "settings": asdict(settings),
        "accounts": [_told(one) for one in linked],
    }


def _told(one: Returning) -> dict[str, Any]:
    return {
        "account_id": one.account_id,
        "at": moment(one.at),
        "exchanges": one.exchanges,
        "likelihood": round(one.likelihood, 4),
        "continues": {"campaign_id": one.campaign, "banned_account": one.account},
        "reasons": [{k: v for k, v in asdict(reason).items() if k in _REASON} for reason in one.reasons],
        "text": str(one),
    }
