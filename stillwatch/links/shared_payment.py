"""Accounts that pay with the same card or bank account.

Innocent when: a family, or a company that pays for its staff.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    held = tables["registered"].filter(_.payment_fingerprint.notnull())
    return held.select("account_id", value=_.payment_fingerprint)


shared_payment = Tie(
    kind="shared_payment",
    family="identity",
    reads=("registered",),
    values=values,
    same_operator=0.3,  # operators buy cards in batches and use each for several accounts
    unrelated=0.0005,  # families and small firms
    crowd=200,  # a card behind more accounts is a company's or a reseller's, and is judged as one organisation
    phrase="pay with a card or bank account that another member pays with",
    innocent="a family, or a company that pays for its staff",
)
