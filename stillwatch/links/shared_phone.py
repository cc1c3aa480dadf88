"""Accounts registered with the same telephone number.

Innocent when: a family, or an office with one number.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    held = tables["registered"].filter(_.phone.notnull())
    return held.select("account_id", value=_.phone)


shared_phone = Tie(
    kind="shared_phone",
    family="identity",
    reads=("registered",),
    values=values,
    same_operator=0.2,  # numbers are rented for one code and used again
    unrelated=0.0005,  # families and offices
    crowd=50,  # more is a rented number that strangers share too
    phrase="were registered with a telephone number that another member gave",
    innocent="a family, or an office with one number",
)
