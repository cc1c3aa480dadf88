"""What a campaign has that is not sent in any form, told so that whoever approves an export sees it."""

from __future__ import annotations

from collections.abc import Iterator

from stillwatch.evidence import Campaign
from stillwatch.sharing.stix.held import ALL, Held
from stillwatch.sharing.stix.kinds import SHOWN
from stillwatch.sharing.stix.shown import Result


def never(one: Campaign, shown: Result) -> Iterator[Held]:
    """In the order in which people ask."""
    yield Held("the campaign's id", 1, "it is made of the id of an account; a keyed one stands in its place")
    bystanders, declared = shown.bystanders(one.campaign_id)
    if bystanders:
        yield Held("accounts of victims, carriers and unknown roles", bystanders, "they may be anybody's")
    if declared:
        yield Held("accounts of declared organisations", declared, "they answer for themselves")
    for what, many, why in shown.never(one.campaign_id):
        if many:
            yield Held(what, many, why)
    if one.successors:
        yield Held("successors of banned accounts", len(one.successors), "each is about single accounts")
    if one.attribution:
        yield Held(
            "actors named by others' indicators",
            len(one.attribution),
            "others told them, under a marking of theirs",
        )
    for kind in SHOWN:
        if kind.hashed and not shown.given:
            yield Held(
                kind.says,
                ALL,
                "the result has pseudonyms of our own key, which nobody else can compare: give --log",
            )
        elif not shown.countable(kind):
            yield Held(kind.says, ALL, f"the table {kind.reads} stayed in the cluster, so that nobody is counted")
