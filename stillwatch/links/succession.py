"""An account that starts on a template within two days of the ban of another that used it.

Innocent when: the template is popular, and somebody starts on it every hour (the crowd limit cuts those).
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links.tie import Tie

WITHIN_SECONDS = 2 * 24 * 3600  # replacements came within hours; two days allow for a weekend
CROWD = 20  # accounts


def values(tables: Mapping[str, Table]) -> Table:
    """The value is the banned account with its template: held by it, and by those that took over."""
    products = tables["template_spread"].filter(_.independent)
    users = tables["account_templates"].filter(_.field == "prompt").anti_join(products, "template_id")
    banned = users.join(
        tables["registered"].filter(_.banned_at.notnull()).select("account_id", "banned_at"), "account_id"
    ).select(gone="account_id", what="template_id", until="banned_at")
    pairs = users.join(banned, users.template_id == banned.what).filter(
        (_.first_seen > _.until) & (_.first_seen.epoch_seconds() - _.until.epoch_seconds() <= WITHIN_SECONDS)
    )
    # Crowds are cut here: every ban would be held by all who started on a popular template in those two days.
    few = pairs.group_by("gone", "what").agg(newcomers=_.count()).filter(_.newcomers < CROWD)
    pairs = pairs.semi_join(few, ["gone", "what"])
    value = pairs.gone + "/" + pairs.what
    return ibis.union(pairs.select("account_id", value=value), pairs.select(account_id=_.gone, value=value)).distinct()


succession = Tie(
    kind="succession",
    family="product",
    reads=("account_templates", "template_spread", "registered"),
    values=values,
    same_operator=0.3,  # a pool replaces most of what it loses
    unrelated=0.02,  # a newcomer to a template of middling popularity
    crowd=CROWD,  # more newcomers in two days is a popular template
    phrase="took over a banned account's template within two days",
    innocent="a newcomer to a template that many use",
)
