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
    guessed = _guessed(marked).select(guessed_id="exchange_id", guessed_purity="purity")
    joined = joined.left_join(guessed, joined.exchange_id == guessed.guessed_id)
    follows = joined.turn.fill_null(0) > 0
    opened = CONTINUES * ibis.greatest(joined.session_purity.fill_null(0.0), joined.guessed_purity.fill_null(0.0))
    return joined.mutate(opened=ibis.ifelse(follows, opened, 0.0)).drop(
        "opener", "opened_session", "session_purity", "guessed_id", "guessed_purity"
    )


def _guessed(marked: Table) -> Table:
    """(exchange_id, purity) of follow-ups without a session, by the last first turn before them.

    Only accounts that have such follow-ups are looked at: putting everything in order is most of the work.
    """
    narrow = marked.select(*_SAME, "timestamp", "turn", "exchange_id", "session_id", "frame")
    lost = narrow.filter(_.session_id.isnull() & (_.turn > 0))
    placed = narrow.filter((_.turn == 0) | _.session_id.isnull()).semi_join(lost, "account_id")
    placed = placed.mutate(first=ibis.ifelse(_.turn == 0, ibis.struct({"at": _.timestamp, "frame": _.frame}), None))
    before = ibis.window(group_by=_SAME, order_by=["timestamp", "turn", "exchange_id"], preceding=None, following=0)
    placed = placed.mutate(latest=_.first.max().over(before)).filter(_.session_id.isnull() & (_.turn > 0))
    soon = placed.timestamp.epoch_seconds() - placed.latest["at"].epoch_seconds() <= LONGEST_SECONDS
    return placed.filter(soon).select("exchange_id", purity=_.latest["frame"]).filter(_.purity > 0)
