"""Accounts created within the same half hour, wherever from: nothing between two of them, something among many.

Half of a provider's customers signed up in the same half hour as some stranger, so a pair gets no bits. But the users of
one template who did so far more often than as many accounts drawn at random (`cohesion.py`) were made together.
Innocent when: a class, a firm on its first day, or customers of a product in the hours after its launch.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie

MOMENT_SECONDS = 1800  # a batch of some dozen sign-ups takes a script about an hour


def values(tables: Mapping[str, Table]) -> Table:
    made = tables["registered"].filter(_.created_at.notnull())
    return made.select("account_id", value=(_.created_at.epoch_seconds() // MOMENT_SECONDS).cast("string"))


signup_moment = Tie(
    kind="signup_moment",
    family="arrival",
    reads=("registered",),
    values=values,
    same_operator=0.1,  # as for `signup_burst`: farms work in batches, but spread them
    unrelated=0.1,  # strangers sign up in the same half hour as well: no bits for a pair
    crowd=2000,  # of ten million customers, some hundred join in an ordinary half hour; more on the day of a launch
    phrase="signed up in the same half hour",
    innocent="a class, a firm on its first day, or customers in the hours after a launch",
)
