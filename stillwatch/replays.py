"""Reasoning tokens redeemed where they did not first turn up: in another session, or by another account.

A token belongs to the conversation it was given in. The first owner, and the first known session, that redeem it are taken
for that conversation's; each later redemption in another known session, or by another owner, is a replay. A session that is
not known is evidence of nothing: many clients keep none. Nor is a first redemption, wherever the token came from;
`signals/replay.py` marks those on first turns, where a token can only be somebody's who kept it.
Innocent when: a conversation is exported and taken up again, in a new session or by a colleague of no known organisation.
"""

from __future__ import annotations

import ibis
from ibis import Table, _


def replays(uses: Table) -> Table:
    """Per account: exchanges that redeem a token which was redeemed elsewhere before (tables.REPLAYS)."""
    redeemed = uses.filter(_.reasoning_signature.notnull()).select(
        "account_id",
        "session_id",
        "timestamp",
        token="reasoning_signature",
        owner=ibis.coalesce(_.organization_id, _.account_id),
    )
    # Nearly all tokens are redeemed in one place; only the others are looked at again.
    travelled = (
        redeemed.group_by("token")
        .agg(
            first=ibis.struct({"at": _.timestamp, "owner": _.owner}).min(),
            known=ibis.struct({"at": _.timestamp, "session": _.session_id}).min(where=_.session_id.notnull()),
            # Whether there are several, without a set of them for each of millions of tokens.
            owners=_.owner.min() != _.owner.max(),
            sessions=(_.session_id.min() != _.session_id.max()).fill_null(False),
        )
        .filter(_.owners | _.sessions)
        .select("token", first_owner=_.first["owner"], first_session=_.known["session"])
    )
    elsewhere = (_.owner != _.first_owner) | (_.session_id != _.first_session).fill_null(False)
    return redeemed.join(travelled, "token").filter(elsewhere).group_by("account_id").agg(replays=_.count())
