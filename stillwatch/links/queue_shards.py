"""Accounts that send one template with slots dealt to them: far fewer exact repeats between them than is usual.

People who share a template also share questions: popular prompts, class items and benchmark items come back from many
accounts. A job queue deals each item once. What is usual is learned from all templates: the chance that two prompts of
one template, drawn from two accounts, are equal.
Innocent when: a product's customers bring content of their own; hence a crowd limit, and little weight.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie

MIN_EXPECTED = 20.0  # repeats that would be usual; with fewer expected, none says nothing (Poisson: e^-20)
FEWER = 0.1  # of the usual repeats, up to which they are far fewer


def values(tables: Mapping[str, Table]) -> Table:
    sent = tables["account_prompts"].filter(_.template_id != "")
    items = sent.group_by("template_id", "prompt_hash").agg(senders=_.count())
    repeats = items.group_by("template_id").agg(
        prompts=_.senders.sum(), repeated=(_.senders * (_.senders - 1) / 2.0).sum()
    )
    pairs = _.prompts * (_.prompts - 1) / 2.0
    # Each template counts once: one huge benchmark or one huge queue must not set what is usual.
    usual = repeats.filter(_.prompts >= 2).agg(chance=(_.repeated / pairs).mean())
    compared = repeats.cross_join(usual).mutate(expected=pairs * _.chance)
    dealt = compared.filter((_.expected >= MIN_EXPECTED) & (_.repeated <= FEWER * _.expected))
    return sent.join(dealt.select("template_id"), "template_id").select("account_id", value=_.template_id).distinct()


queue_shards = Tie(
    kind="queue_shards",
    family="product",
    reads=("account_prompts",),
    values=values,
    same_operator=0.5,  # a queue is dealt to most of a pool
    unrelated=0.05,  # customers of one product with content of their own
    crowd=200,  # a larger group is judged as a whole (campaigns/harvest.py)
    phrase="fill one template from what looks like one queue of items",
    innocent="customers of one product, each with content of its own",
)
