"""Follow-ups of a harvested first request: they have no frame of their own, and belong to what was opened with one.

By the session where one was logged; else the account's last first turn with the same parameters, system prompt and client
opened the conversation, if it is not long ago.
Innocent when: a reseller's customer writes on with the pipeline's very parameters, minutes after it; hence the discount.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

LONGEST_SECONDS = 1800  # between a first turn and its follow-ups: half an hour is a session in web analytics
CONTINUES = 0.9  # purity of a follow-up, of its first turn's: another conversation may have come between
_SAME = ("account_id", "max_tokens", "temperature", "stream", "system_hash", "client")


def follow_ups(uses: Table, candidates: Table, own_templates: Table) -> Table:
    """(exchange_id, purity) of members' later turns in conversations that were opened with a template of their cluster's."""
    members = candidates.select("account_id", "cluster_id").semi_join(own_templates, "cluster_id")
    sent = framed(uses.join(members, "account_id"), own_templates).select(
        *_SAME, "timestamp", "turn", "exchange_id", "session_id", "frame"
    )
    first, later = sent.filter(_.turn == 0), sent.filter(_.turn > 0)
    found = ibis.union(_by_session(first, later), _guessed(first, later.filter(_.session_id.isnull())))
    return found.select("exchange_id", purity=CONTINUES * _.frame)


def framed(members: Table, own_templates: Table) -> Table:
    """With `frame`: how far the template of prompt or system prompt is the cluster's own, 0 where it is not."""
    for field, column in (("prompt", "template_id"), ("system", "system_template_id")):
        own = own_templates.filter(_.field == field).select("cluster_id", "share", **{column: "template_id"})
        shared = members.left_join(own, ["cluster_id", column], rname="{name}_of_own")
        members = shared.drop("cluster_id_of_own", f"{column}_of_own").rename({f"{field}_share": "share"})
    frame = ibis.greatest(members.prompt_share.fill_null(0.0), members.system_share.fill_null(0.0))
    return members.mutate(frame=frame).drop("prompt_share", "system_share")


def _by_session(first: Table, later: Table) -> Table:
    opened = first.filter(_.session_id.notnull() & (_.frame > 0)).group_by("account_id", "session_id")
    opened = opened.agg(opening=_.frame.max())
    return later.join(opened, ["account_id", "session_id"]).select("exchange_id", frame=_.opening)


def _guessed(first: Table, lost: Table) -> Table:
    """Of follow-ups without a session, by the last first turn before them.

    Only accounts that have such follow-ups are looked at: putting everything in order is most of the work.
    """
    openings = first.select(
        *_SAME, "timestamp", "turn", "exchange_id", opening=ibis.struct({"at": _.timestamp, "frame": _.frame})
    )
    openings = openings.semi_join(lost, "account_id")
    lost = lost.select(*_SAME, "timestamp", "turn", "exchange_id", opening=ibis.null(openings.opening.type()))
    before = ibis.window(group_by=_SAME, order_by=["timestamp", "turn", "exchange_id"], preceding=None, following=0)
    placed = ibis.union(openings, lost).mutate(latest=_.opening.max().over(before)).filter(_.turn > 0)
    soon = placed.timestamp.epoch_seconds() - placed.latest["at"].epoch_seconds() <= LONGEST_SECONDS
    return placed.filter(soon).select("exchange_id", frame=_.latest["frame"]).filter(_.frame > 0)
