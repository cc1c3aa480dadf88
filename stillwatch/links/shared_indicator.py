"""Accounts that show values which another provider found together: a card here, a domain there, of one finding of one source.

What ties them is the source's word that these values are one operator's, so it weighs no more than that word: a finding
counts where at least even odds were left of it when it was written (trust, stated confidence, age, doubts of others), and at
the weight that even odds give. A source can tell of honest people's values, by mistake or on purpose. So the family has few
bits: nobody is tied by it who is not nearly tied by other things.

Innocent when: the source is wrong, or the value was handed on since: an address, a number, a domain.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

LEAST = 50  # of 100: confidence of an indicator from which it is as likely right as wrong


def values(tables: Mapping[str, Table]) -> Table:
    told = tables["indicator_matches"].filter(~_.inert & _.campaign.notnull() & (_.confidence >= LEAST))
    # Everybody else holds a value that is nobody else's: how rare a finding is, is counted among all accounts.
    everybody = tables["accounts"].select("account_id", value="account of " + _.account_id)
    return ibis.union(told.select("account_id", value="finding " + _.campaign).distinct(), everybody)


shared_indicator = Tie(
    kind="shared_indicator",
    family="told",
    reads=("indicator_matches", "accounts"),
    values=values,
    same_operator=0.1,  # a source sees one operator in five of those that are here, and is right about half of them
    unrelated=0.02,  # as for addresses: values are handed on, and sources are mistaken
    crowd=1000,  # a finding that more accounts show is a mistake about something common, or a campaign that needs no help
    phrase="show values that a partner found together",
    innocent="the partner is mistaken, or the value has changed hands",
)
