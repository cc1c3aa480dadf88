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


def continued(marked: Table) -> Table:
    """Members' exchanges with `opened`: purity that each has from its conversation's first turn, 0 without one."""
    by_session = (
        marked.filter(_.session_id.notnull() & (_.turn == 0) & (_.frame > 0))
        .group_by(opener="account_id", opened_session="session_id")
        .agg(session_purity=_.frame.max())
    )
    joined = marked.left_join(
        by_session, [marked.account_id == by_session.opener, marked.session_id == by_session.opened_session]
    )
    first = ibis.ifelse(joined.turn == 0, ibis.struct({"at": joined.timestamp, "frame": joined.frame}), None)
    placed = joined.mutate(first=first)
    before = ibis.window(group_by=_SAME, order_by=["timestamp", "turn", "exchange_id"], preceding=None, following=0)
    placed = placed.mutate(latest=_.first.max().over(before))
    soon = placed.timestamp.epoch_seconds() - placed.latest["at"].epoch_seconds() <= LONGEST_SECONDS
    guessed = ibis.ifelse(placed.session_id.isnull() & soon, placed.latest["frame"], 0.0)
    follows = placed.turn.fill_null(0) > 0
    opened = CONTINUES * ibis.greatest(placed.session_purity.fill_null(0.0), guessed.fill_null(0.0))
    return placed.mutate(opened=ibis.ifelse(follows, opened, 0.0)).drop(
        "opener", "opened_session", "session_purity", "first", "latest"
    )
