"""Accounts that redeem the same preserved-reasoning token: one account's reasoning, replayed by another.

Innocent when: a client that stores sessions moved them to another account of the same person.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    redeemed = tables["uses"].filter(_.reasoning_signature.notnull())
    return redeemed.select("account_id", value=_.reasoning_signature).distinct()


shared_signature = Tie(
    kind="shared_signature",
    family="replay",
    reads=("uses",),
    values=values,
    same_operator=0.2,  # only campaigns that replay traces do it
    unrelated=0.0001,  # people who moved a session between two accounts of their own
    crowd=1000,  # the token is issued to one account: no crowd makes sharing it ordinary
    phrase="redeemed a reasoning token that was issued to another member",
    innocent="one person with two accounts who moved a session",
)
