"""Accounts as registered, without direct identifiers; and where they contradict the exchanges.

Of an e-mail address three things remain: its pseudonym, its domain, and the shape of the part before the @, because
accounts made by a program betray themselves by the shape (`anna.lee83` and `mark.fox17` are both `w4.w3d2`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.addresses import address_tokens
from stillwatch.pseudonyms import DEVICE, EMAIL, PAYMENT, PHONE, Pseudonyms, mapped
from stillwatch.tables import LOG_EVIDENCE, REGISTERED

_LONGEST_SHAPE = 40  # characters: the longest local part allowed has 64, its shape rarely more than 15
_CLOCK_TOLERANCE = timedelta(days=1)  # two systems' clocks and time zones differ by less
_FRACTION = r"^-?[0-9]{1,15}\.[0-9]{1,15}$"  # a number with a fraction: ids and telephone numbers have none
_RUNS = re.compile(r"\d+|[^\W\d_]+|.", re.DOTALL)
_NUMBER = re.compile(r"[\d\s()./+-]+")  # a telephone number as people write one; anything else is a pseudonym already


def clean_accounts(accounts: pa.Table, keys: Pseudonyms) -> pa.Table:
    """LOG_ACCOUNTS as REGISTERED. Pseudonyms of the provider's own are hashed again: equal stays equal."""
    given = {name: _array(accounts.column(name)) for name in accounts.column_names}
    addresses, prefixes = address_tokens(given["signup_ip"], keys)
    emails = given["email"]
    made = {
        "email": keys.tokens(EMAIL, mapped(emails, lambda value: value.strip().lower())),
        "email_domain": pc.coalesce(mapped(given["email_domain"], _trimmed), mapped(emails, _domain)),
        "email_shape": mapped(emails, email_shape),
        "phone": keys.tokens(PHONE, mapped(given["phone"], phone_digits)),
        "payment_fingerprint": keys.tokens(PAYMENT, given["payment_fingerprint"]),
        "device_fingerprint": keys.tokens(DEVICE, given["device_fingerprint"]),
        "signup_address": addresses,
        "signup_prefix": prefixes,
    }
    return pa.Table.from_arrays(
        [made.get(name, given.get(name)) for name in REGISTERED.names], schema=REGISTERED.schema
    )


def clean_evidence(evidence: pa.Table, keys: Pseudonyms) -> pa.Table:
    """LOG_EVIDENCE with its values replaced. A kind that accounts have too (`device`, `payment`) stays comparable.

    A kind whose values are all decimal fractions is one of amounts: 12.431 and 12.433 are near, which pseudonyms cannot be.
    """
    kinds, values, amounts = (_array(evidence.column(name)) for name in ("kind", "value", "amount"))
    for kind in kinds.unique().to_pylist():
        mine = pc.equal(kinds, kind)
        given = values.filter(mine)
        if pc.all(pc.match_substring_regex(given, _FRACTION)).as_py():
            given_amounts = pc.coalesce(amounts.filter(mine), given.cast(amounts.type))
            amounts = pc.replace_with_mask(amounts, mine, given_amounts)
            made = pa.scalar(keys.token(kind, ""), values.type)
        else:
            made = pc.coalesce(keys.tokens(kind, given), pa.scalar(keys.token(kind, ""), values.type))
        values = pc.replace_with_mask(values, mine, made)
    for name, column in (("value", values), ("amount", amounts)):
        place = LOG_EVIDENCE.names.index(name)
        evidence = evidence.set_column(place, evidence.schema.field(place), column)
    return evidence


def email_shape(email: str) -> str | None:
    """Runs of letters as w and their length, of digits as d and theirs, the rest as it is; None for a pseudonym."""
    local, at, _ = email.strip().rpartition("@")
    if not at:
        return None
    runs = (
        f"d{len(run)}" if run[0].isdecimal() else f"w{len(run)}" if run[0].isalpha() else run
        for run in _RUNS.findall(local)
    )
    return "".join(runs)[:_LONGEST_SHAPE]


def phone_digits(phone: str) -> str:
    """A number's digits, with or without the international prefix; a value with letters in it is left as it is."""
    if not _NUMBER.fullmatch(phone):
        return phone
    return "".join(one for one in phone if one.isdecimal()).removeprefix("00")


def _domain(email: str) -> str | None:
    _, at, domain = email.rpartition("@")
    return _trimmed(domain) if at else None


def _trimmed(domain: str) -> str | None:
    return domain.strip().strip(".").lower() or None


def _array(column: pa.ChunkedArray) -> pa.Array:
    one = column.combine_chunks()
    return pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one


@dataclass(frozen=True)
class Contradictions:
    """What the account table and the exchanges disagree about. Nothing is dropped for it; the report says so."""

    accounts: int  # accounts with at least one contradiction
    sentences: list[str]


def contradictions(accounts: pa.Table, seen: pa.Table) -> Contradictions:
    """Compare accounts (account_id, created_at, closed_at, banned_at) with (account_id, first_seen, last_seen)."""
    known = accounts.select(["account_id", "created_at", "closed_at", "banned_at"])
    known = known.append_column("known", pa.array([True] * known.num_rows))
    both = seen.select(["account_id", "first_seen", "last_seen"]).join(known, "account_id", join_type="left outer")
    tolerance = pa.scalar(_CLOCK_TOLERANCE)
    checks = (
        (
            pc.is_null(both["known"]),
            "in the exchanges are missing from the account table: nothing of their sign-up is known",
        ),
        (
            _later(both["created_at"], both["first_seen"], tolerance),
            "have exchanges more than a day before they were created",
        ),
        (
            _later(both["last_seen"], both["closed_at"], tolerance),
            "have exchanges more than a day after they were closed",
        ),
        (
            _later(both["last_seen"], both["banned_at"], tolerance),
            "have exchanges more than a day after they were banned",
        ),
    )
    sentences: list[str] = []
    wrong = pa.chunked_array([pa.array([False] * both.num_rows)])
    for mask, what in checks:
        count = pc.sum(mask).as_py() or 0
        if count:
            sentences.append(f"{count:,} of {both.num_rows:,} accounts {what}.")
            wrong = pc.or_(wrong, mask)
    return Contradictions(pc.sum(wrong).as_py() or 0, sentences)


def _later(later: pa.ChunkedArray, earlier: pa.ChunkedArray, tolerance: pa.Scalar) -> pa.ChunkedArray:
    return pc.fill_null(pc.greater(pc.subtract(later, earlier), tolerance), False)
