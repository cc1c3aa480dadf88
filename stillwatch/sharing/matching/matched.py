"""What a match says, as a table; and the part of it that a scan may weigh, as rows of evidence, which accuse nobody alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from stillwatch import tables
from stillwatch.sharing.matching.tags import Label

EVIDENCE = "partner_match"  # kind of the rows of evidence


@dataclass(frozen=True)
class Match:
    """One value of one of our accounts that the partner has too."""

    kind: str
    account_id: str
    campaign_id: str | None  # ours
    partner: str
    epoch: str
    label: Label  # the partner's campaign, by the partner's name for it


def table(matches: Iterable[Match]) -> pa.Table:
    """RESULT_MATCHES: one row for each kind, account and campaign of the partner's."""
    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    for one in matches:
        row = rows.setdefault(
            (one.account_id, one.kind, one.label.name),
            {
                "kind": one.kind, "account_id": one.account_id, "campaign_id": one.campaign_id or None,
                "partner": one.partner, "epoch": one.epoch, "partner_campaign": one.label.name or None,
                "partner_confidence": one.label.confidence if one.label.name else None, "values": 0,
            },
        )  # fmt: skip
        row["values"] = int(str(row["values"])) + 1
    return pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=tables.RESULT_MATCHES.schema)


def evidence(matches: pa.Table) -> pa.Table:
    """LOG_EVIDENCE: accounts whose values a campaign of the partner's has. That a customer is known there says nothing."""
    told = sorted(
        {
            (row["account_id"], f"{row['partner']}/{row['epoch']}/{row['partner_campaign']}")
            for row in matches.to_pylist()
            if row["partner_campaign"]
        }
    )
    rows = [{"account_id": account, "kind": EVIDENCE, "value": value} for account, value in told]
    return pa.Table.from_pylist(rows, schema=tables.LOG_EVIDENCE.schema)
