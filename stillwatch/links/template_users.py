"""Who uses a template, as opposed to who met it by chance: of these alone it is asked whether a template ties them."""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Links


def template_users(account_templates: Table, account_prompts: Table, accounts: Table, config: Links) -> Table:
    """Who uses a template, for what share of its own exchanges, and whether with items that come up only once.

    Left out is who met it once in a thousand exchanges by chance, and a template that its median user met by chance: a turn
    of phrase that a busy campaign shares with everybody who writes its language. A queue deals each of its items once;
    evaluators and classes send the items of one set, again and again or one after the other.
    """
    used = account_templates.group_by("account_id", "template_id").agg(exchanges=_.exchanges.sum())
    shares = used.join(accounts.select("account_id", everything="exchanges"), "account_id").mutate(
        share=_.exchanges / ibis.greatest(_.everything, 1)
    )
    usual = shares.group_by("template_id").agg(usual=_.share.median())
    items = account_prompts.filter(_.template_id != "")
    times = items.group_by("template_id", "prompt_hash").agg(times=_.exchanges.sum())
    once = (
        items.join(times, ["template_id", "prompt_hash"])
        .group_by("account_id", "template_id")
        .agg(own=_.exchanges.sum(where=_.times == 1).fill_null(0) / _.exchanges.sum())
    )
    return (
        shares.join(usual, "template_id")
        .filter((_.usual >= config.min_usual) & (_.share >= config.min_use * _.usual))
        .left_join(once, ["account_id", "template_id"])
        .select(
            "account_id", "template_id", "share", "everything", own_items=_.own.fill_null(1.0) >= config.min_own_items
        )
    )
