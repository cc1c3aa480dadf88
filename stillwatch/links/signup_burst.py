"""Accounts created within the same ten minutes from the same network, or at the same mail domain.

Innocent when: a course or a company signs up together on its first day.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

BURST_SECONDS = 600  # a person at a form takes minutes; a script fills a batch in ten of them


def values(tables: Mapping[str, Table]) -> Table:
    made = tables["registered"].filter(_.created_at.notnull())
    moment = (made.created_at.epoch_seconds() // BURST_SECONDS).cast("string")
    by_prefix = made.select("account_id", place=_.signup_prefix, moment=moment)
    by_domain = made.select("account_id", place=_.email_domain, moment=moment)
    both = ibis.union(by_prefix, by_domain).filter(_.place.notnull())
    return both.select("account_id", value=_.place + "/" + _.moment)


signup_burst = Tie(
    kind="signup_burst",
    family="registration",
    reads=("registered",),
    values=values,
    same_operator=0.1,  # farms work in batches, but spread them
    unrelated=0.005,  # large mail providers have chance neighbours in any ten minutes
    crowd=30,  # a larger batch from one network is a classroom
    phrase="signed up within the same ten minutes from one network or mail domain",
    innocent="a class or a company that signed up together",
)
