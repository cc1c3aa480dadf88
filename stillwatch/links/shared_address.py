"""Accounts whose requests or sign-ups came from the same network address on the same day.

The day matters: a household keeps its address, a pool of proxies hands one address to changing accounts, and a
carrier's translator (CGNAT) gives it to strangers the week after.
Innocent when: a household, an office, a campus, a VPN exit. Exits of known VPN networks and campus networks are left
out, other crowds are cut by the limit.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

CROWDS = ("vpn", "education")  # classes of networks whose addresses many strangers share by design


def values(tables: Mapping[str, Table]) -> Table:
    traffic = (
        tables["uses"]
        .filter(_.address.notnull() & ~_.network.fill_null("").isin(CROWDS))
        .select("account_id", "address", at=_.timestamp)
    )
    signups = (
        tables["registered"]
        .filter(_.signup_address.notnull() & _.created_at.notnull())
        .select("account_id", address=_.signup_address, at=_.created_at)
    )
    days = ibis.union(traffic, signups).select("account_id", "address", day=_.at.truncate("D")).distinct()
    return days.select(
        "account_id", value=_.address + "/" + _.day.strftime("%Y-%m-%d")
    )  # written once a day, not a request


shared_address = Tie(
    kind="shared_address",
    family="network",
    reads=("uses", "registered"),
    values=values,
    same_operator=0.3,  # proxies are rotated, so two accounts of one pool meet on some days
    unrelated=0.02,  # households, flat shares, small offices, VPN exits with few users that day
    crowd=40,  # accounts on one address in one day: beyond an office floor it is a campus, a carrier or a VPN exit
    phrase="used an address that another member used on the same day",
    innocent="a household, an office, a campus network or a VPN exit",
)
