"""Members whom nothing ties but templates, in a cluster where other users of the templates have more in common.

A template alone proves nothing: somebody else may have found the same words. Where those who harvest with it share cards,
devices or exits as well, who shares none of them is doubted, until what he fills into the template speaks for him or
against. A queue deals each item once; an evaluation sends its items again. How often the tied members' came again is
learned from them, so that a campaign which asks everything twice is not taken for an evaluation.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.campaigns.items import TIES
from stillwatch.config import Standing

_PRIOR = (1, 50)  # exchanges whose prompt came again, of how many: what is taken to be usual before any is counted


def compared(members: Sequence[Mapping[str, Any]], items: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Members of all clusters, each with what it and its like put into templates.

    Adds `sent` and `repeated`, `usual_repeats`: the tied members' share, and `tied_share`: of other users of the templates,
    those whom more ties to their cluster.
    """
    users: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in members:
        if one["framed"]:
            users[one["cluster_id"]].append(one)
    tied = {cluster: [one for one in own if is_tied(one)] for cluster, own in users.items()}
    usual = {cluster: _usual(own, items) for cluster, own in tied.items()}
    nothing = {"sent": 0, "repeated": 0}
    return [
        {
            **one,
            **items.get(one["account_id"], nothing),
            "usual_repeats": usual.get(one["cluster_id"], _PRIOR[0] / _PRIOR[1]),
            "tied_share": _share(len(tied.get(one["cluster_id"], ())), len(users.get(one["cluster_id"], ())), one),
        }
        for one in members
    ]


def is_tied(account: Mapping[str, Any]) -> bool:
    """Whether anything but templates ties it to its cluster."""
    return any(account[name] for name in TIES)


def doubted(account: Mapping[str, Any], config: Standing) -> bool:
    """It uses the cluster's templates and has nothing else in common, where others have."""
    return bool(account["framed"]) and not is_tied(account) and account["tied_share"] >= config.alone_share


def queue_bits(account: Mapping[str, Any], config: Standing) -> float:
    """Bits for a queue, negative for an evaluation, by how many of its prompts came again: a ratio of binomial likelihoods."""
    evaluation = config.evaluation_repeats
    queue = min(account["usual_repeats"], evaluation)
    again, once = account["repeated"], account["sent"] - account["repeated"]
    bits = again * math.log2(queue / evaluation) + once * math.log2((1 - queue) / (1 - evaluation))
    return max(-config.harvest_bits, min(config.alone_bits, bits))


def _usual(tied: Sequence[Mapping[str, Any]], items: Mapping[str, Mapping[str, int]]) -> float:
    counted = [items[one["account_id"]] for one in tied if one["account_id"] in items]
    return (sum(one["repeated"] for one in counted) + _PRIOR[0]) / (sum(one["sent"] for one in counted) + _PRIOR[1])


def _share(tied: int, users: int, one: Mapping[str, Any]) -> float:
    """Of the other users, those who are tied."""
    itself = bool(one["framed"])
    return (tied - (itself and is_tied(one))) / max(users - itself, 1)
