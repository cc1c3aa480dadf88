"""Accounts that show the same rare combination of TLS fingerprint, header order and client version.

What a client says of itself is the attacker's choice, so this is weak alone; what it cannot easily choose is to be common.
Innocent when: a little-used client, or an old version of a common one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    shown = tables["uses"].filter(_.tls_fingerprint.notnull() & _.header_fingerprint.notnull())
    builds = shown.select("account_id", "tls_fingerprint", "header_fingerprint", "client_version").distinct()
    build = _.tls_fingerprint + "/" + _.header_fingerprint + "/" + _.client_version.fill_null("")
    return builds.select("account_id", value=build).distinct()


client_build = Tie(
    kind="client_build",
    family="product",
    reads=("uses",),
    values=values,
    same_operator=0.5,  # one pool runs one gateway
    unrelated=0.02,  # people who use the same little-known client
    crowd=150,  # more is a product, and its users are strangers
    phrase="show the same rare client build as another member",
    innocent="users of a little-known client",
)
