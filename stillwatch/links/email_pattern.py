"""Accounts whose mail addresses were made by the same pattern at the same domain.

Innocent when: the domain is a large mail provider's, where every pattern has thousands of owners (the crowd limit cuts
those), or an employer's, where everybody is first.last (judged as one organisation).
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    held = tables["registered"].filter(_.email_shape.notnull() & _.email_domain.notnull())
    return held.select("account_id", value=ibis.coalesce(_.email_shape, "") + "@" + _.email_domain)


email_pattern = Tie(
    kind="email_pattern",
    family="registration",
    reads=("registered",),
    values=values,
    same_operator=0.1,  # generated names vary in length, so only some share a pattern
    unrelated=0.01,  # people who like the same form of name at the same small provider
    crowd=60,  # more is a popular form at a popular provider
    phrase="have a mail address of the same pattern at the same domain",
    innocent="colleagues of one employer, or people who like the same form of name",
)
