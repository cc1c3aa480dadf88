"""Accounts that show an indicator received from others: evidence of who, never enough to accuse.

A value that many accounts show says nothing of any of them, whoever told of it: up to a number for its kind (those of
`links/`, where the same is shared) it may be an operator's, beyond it is a crowd's. Nor does one that an organisation shows
which declared itself: that one answers for its accounts. Such a value is inert: it is told, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import ibis
from ibis import Table, _

HALF = 0.5  # of a stated confidence: an indicator may be stale, shared by strangers, or planted
AT_MOST = 0.9  # confidence that indicators alone can give


@dataclass(frozen=True)
class Shown:
    """Where accounts show values of a kind."""

    table: str
    value: ibis.Deferred
    kinds: tuple[str, ...]
    crowd: int  # accounts beyond which a value is a crowd's


_ADDRESSES = ("ipv4-addr", "ipv6-addr")
_VERSION = (_.client_version.isnull()).ifelse("", "/" + _.client_version)
SHOWN = (
    Shown("uses", _.address, _ADDRESSES, 40),  # an office floor; more is a campus, a carrier or the exit of a VPN
    Shown("registered", _.signup_address, _ADDRESSES, 40),
    Shown("uses", _.tls_fingerprint, ("tls",), 150),  # as for client builds: more is a product
    Shown("uses", _.header_fingerprint, ("header",), 150),
    Shown("uses", _.client + _VERSION, ("client",), 150),
    Shown(
        "uses",
        _.tls_fingerprint + "/" + _.header_fingerprint + "/" + _.client_version.fill_null(""),
        ("client_build",),
        150,
    ),
    Shown("registered", _.payment_fingerprint, ("payment",), 200),  # a company's or a reseller's
    Shown("registered", _.device_fingerprint, ("device",), 100),
    Shown("registered", _.phone, ("phone",), 50),
    Shown("registered", _.email, ("email-addr",), 20),  # one mailbox, registered again and again
    Shown("registered", _.email_domain, ("domain-name",), 200),  # an operator's own; more is a mail provider's
    Shown("registered", _.email_shape + "@" + _.email_domain, ("email_pattern",), 60),
    Shown("account_templates", _.template_id, ("template",), 200),  # more is a product's, whose users are strangers
)


def indicator_matches(known: Mapping[str, Table]) -> Table:
    """Every match of an account and a value that is told of (tables.INDICATOR_MATCHES), from `indicators` and whatever there
    is of uses, registered, account_templates and declared.
    """
    indicators = known["indicators"]
    told = indicators.select("type", "value").distinct()
    parts = [_shown(known[one.table], one.value, kind) for one in SHOWN if one.table in known for kind in one.kinds]
    if not parts:
        parts = [ibis.memtable([], schema={"account_id": "string", "type": "string", "value": "string"})]
    shown = (ibis.union(*parts, distinct=True) if len(parts) > 1 else parts[0]).semi_join(told, ["type", "value"])
    crowds = {kind: one.crowd for one in SHOWN for kind in one.kinds}
    crowd = ibis.cases(*((_.type == kind, most) for kind, most in crowds.items()), else_=0)
    answered = shown.semi_join(_declared(known), "account_id").select("type", "value").distinct()
    answered = answered.mutate(answered=ibis.literal(True))
    counted = (
        shown.group_by("type", "value")
        .agg(accounts=_.count())
        .left_join(answered, ["type", "value"])
        .select("type", "value", "accounts", inert=(_.accounts > crowd) | _.answered.fill_null(False))
    )
    return (
        shown.join(counted, ["type", "value"])
        .join(indicators, ["type", "value"])
        .select(
            "account_id", "type", "value", "actor", "confidence", "source", "tlp", "campaign", "origin", "trust", "accounts",
            "inert",
        )
    )  # fmt: skip


def _shown(table: Table, value: ibis.Deferred, kind: str) -> Table:
    held = table.select("account_id", value=value).filter(_.value.notnull()).distinct()
    return held.select("account_id", type=ibis.literal(kind), value=_.value)


def _declared(known: Mapping[str, Table]) -> Table:
    """Accounts of organisations that declared themselves."""
    if "registered" not in known or "declared" not in known:
        return ibis.memtable([], schema={"account_id": "string"})
    answer = known["declared"].filter(_.kind.isin(("organization", "reseller"))).select(organization_id="id")
    return known["registered"].semi_join(answer, "organization_id").select("account_id")


def attribution(matches: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who the indicators point to: per actor, how sure, and by which indicators; the surest first.

    Indicators of one origin are one witness: however many values it tells of, together they say no more than the origin is
    trusted. Another origin is another witness.
    """
    doubts: dict[str, dict[str, dict[tuple[str, str], float]]] = {}  # actor → origin → value → doubt that is left
    trusts: dict[str, float] = {}
    seen: dict[str, set[str]] = {}
    for match in matches:
        if match.get("inert"):
            continue
        actor = match["actor"] or "unnamed"
        source = match["source"] or "an unnamed source"
        origin = match.get("origin") or source
        seen.setdefault(actor, set()).add(f"{match['type']} from {source}: {match['value']}")
        trust = match.get("trust")
        trusts[origin] = max(trusts.get(origin, 0.0), AT_MOST if trust is None else trust)
        values = doubts.setdefault(actor, {}).setdefault(origin, {})
        value, left = (match["type"], match["value"]), 1 - HALF * (match["confidence"] or 0) / 100
        values[value] = min(values.get(value, 1.0), left)
    found = []
    for actor, origins in doubts.items():
        left = prod(max(prod(values.values()), 1 - trusts[origin]) for origin, values in sorted(origins.items()))
        found.append({"actor": actor, "confidence": min(1 - left, AT_MOST), "indicators": sorted(seen[actor])})
    return sorted(found, key=lambda one: (-float(one["confidence"]), str(one["actor"])))
