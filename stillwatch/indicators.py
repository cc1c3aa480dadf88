"""Accounts that show an indicator received from others: evidence of who, never enough to accuse, no part of a score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ibis
from ibis import Table, _

HALF = 0.5  # of a stated confidence: an indicator may be stale, shared by strangers, or planted
AT_MOST = 0.9  # confidence that indicators alone can give


def indicator_matches(uses: Table, registered: Table, account_templates: Table, indicators: Table) -> Table:
    """(account_id, type, value, actor, confidence, source, tlp) of every match."""
    shown = ibis.union(
        *(_shown(uses, column, kinds) for column, kinds in (("address", _ADDRESSES), ("tls_fingerprint", ("tls",)))),
        *(
            _shown(registered, column, kinds)
            for column, kinds in (
                ("signup_address", _ADDRESSES),
                ("payment_fingerprint", ("payment",)),
                ("device_fingerprint", ("device",)),
                ("phone", ("phone",)),
                ("email", ("email-addr",)),
                ("email_domain", ("domain-name",)),
            )
        ),
        _shown(account_templates, "template_id", ("template",)),
        distinct=True,
    )
    return shown.join(indicators, ["type", "value"]).select(
        "account_id", "type", "value", "actor", "confidence", "source", "tlp"
    )


_ADDRESSES = ("ipv4-addr", "ipv6-addr")


def _shown(table: Table, column: str, kinds: tuple[str, ...]) -> Table:
    held = table.filter(table[column].notnull()).select("account_id", value=table[column]).distinct()
    return ibis.union(*(held.select("account_id", type=ibis.literal(kind), value=_.value) for kind in kinds))


def attribution(matches: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who the indicators point to: per actor, how sure, and by which indicators; the surest first."""
    doubt: dict[str, float] = {}
    seen: dict[str, set[str]] = {}
    for match in matches:
        actor = match["actor"] or "unnamed"
        shown = f"{match['type']} from {match['source'] or 'an unnamed source'}"
        key = f"{shown}: {match['value']}"
        if key in seen.setdefault(actor, set()):
            continue
        seen[actor].add(key)
        doubt[actor] = doubt.get(actor, 1.0) * (1 - HALF * (match["confidence"] or 0) / 100)
    found = [
        {"actor": actor, "confidence": min(1 - doubt[actor], AT_MOST), "indicators": sorted(seen[actor])}
        for actor in seen
    ]
    return sorted(found, key=lambda one: (-float(one["confidence"]), str(one["actor"])))
