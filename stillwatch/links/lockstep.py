"""Accounts that start on the same template within the same minute, after an hour of not using it.

A job that starts, pauses or comes back after an outage wakes its accounts together. Counted only inside one template:
at any minute strangers start too, but not on the same thing.
Innocent when: a lesson begins; a cron job of one company wakes its keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

PAUSE_SECONDS = 3600  # idle at least this long, and the next request is a start
TOGETHER_SECONDS = 60  # queues hand out work within seconds; clocks and retries blur it to a minute


def values(tables: Mapping[str, Table]) -> Table:
    products = tables["template_spread"].filter(_.independent)
    made = tables["uses"].filter(_.template_id.notnull()).anti_join(products, "template_id")
    used = made.select("account_id", "template_id", seconds=_.timestamp.epoch_seconds())
    # Within one slot of the pause's length nobody can have paused: only the first request of a slot can be a start.
    slots = used.group_by("account_id", "template_id", slot=(_.seconds // PAUSE_SECONDS).cast("int64")).agg(
        first=_.seconds.min(), last=_.seconds.max()
    )
    order = ibis.window(group_by=["account_id", "template_id"], order_by="slot")
    starts = slots.mutate(before=_.last.lag().over(order)).filter(
        _.before.isnull() | (_.first - _.before >= PAUSE_SECONDS)
    )
    minute = (starts.first // TOGETHER_SECONDS).cast("string")
    return starts.select("account_id", value=starts.template_id + "/" + minute).distinct()


lockstep = Tie(
    kind="lockstep",
    family="timing",
    reads=("uses", "template_spread"),
    values=values,
    same_operator=0.2,  # members of a pool share some of their starts
    unrelated=0.1,  # users of one template keep the same hours, so they meet in a minute now and then; one start says little
    crowd=100,  # more starts in one minute is a lesson or a product's schedule
    phrase="started on the same template within the same minute as another member",
    innocent="a lesson that begins, or one company's scheduled job",
)
