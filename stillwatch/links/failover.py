"""A request that was refused or limited for one account and sent by another within minutes: one dispatcher gave it on.

A pool's relay puts what fails on one account on the next. The request must be rare: what more than a few accounts ever
sent is passed around, and somebody sends it every minute. To send it again on the same account is what every client does,
and says nothing; 5xx is no reason here, because honest gateways go elsewhere when the server is in trouble.
Innocent when: one person or firm with several accounts goes to the next when the first is at its limit; one who asks a
friend to try. Such things coincide, as common starts do, so that all of it together gives less than a link takes.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

WITHIN_SECONDS = 300  # dispatchers give on at once or after a back-off of a minute or two
FEW_SENDERS = 4  # accounts that ever sent it: it, and two or three on which it was tried again
MIN_BYTES = 40  # of a prompt: "go on" and "yes, please" are sent by somebody every minute
BLOCKED = ("refused", "limited")  # outcomes after which only somebody who evades goes elsewhere


def values(tables: Mapping[str, Table]) -> Table:
    """The value is the account that was turned away, with the request: held by it, and by those that sent it next.

    A request that nobody took over, or its own account alone, is a value as well, held by one: it tells how often others go
    elsewhere.
    """
    blocked = (
        tables["uses"]
        .filter(_.outcome.isin(BLOCKED) & (_.prompt_bytes >= MIN_BYTES))
        .group_by("prompt_hash", gone=_.account_id)
        .agg(since=_.timestamp.min(), until=_.timestamp.max())
    )
    sent = tables["account_prompts"].semi_join(blocked, "prompt_hash")
    few = sent.group_by("prompt_hash").agg(senders=_.account_id.nunique()).filter(_.senders.between(2, FEW_SENDERS))
    taken = sent.semi_join(few, "prompt_hash").select("account_id", "first_seen", what="prompt_hash")
    # A left join: the few that were blocked are what is looked up in.
    pairs = taken.left_join(blocked, [("what", "prompt_hash")]).filter(
        (_.first_seen > _.since) & (_.first_seen.epoch_seconds() - _.until.epoch_seconds() <= WITHIN_SECONDS)
    )
    return ibis.union(
        pairs.select("account_id", value=_value(pairs.gone, pairs.what)),
        blocked.select(account_id=_.gone, value=_value(blocked.gone, blocked.prompt_hash)),
    ).distinct()


def _value(account: ibis.Value, request: ibis.Value) -> ibis.Value:
    return account + "/" + request.cast("string")


failover = Tie(
    kind="failover",
    family="timing",
    reads=("uses", "account_prompts"),
    values=values,
    same_operator=0.3,  # of a pool's accounts, those that stand next to each other in its dispatcher now and then
    unrelated=0.02,  # a prompt that few send, twice within five minutes; a friend was asked to try
    crowd=FEW_SENDERS,  # as many as may ever have sent it
    phrase="pass requests on among each other within minutes of a refusal or a limit",
    innocent="one person or firm with several accounts that goes to the next at the limit of the first",
)
