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
    few = banned.semi_join(_few_newcomers(users, banned), ["gone", "what"])
    pairs = users.join(few, users.template_id == few.what).filter(
        (_.first_seen > _.until) & (_.first_seen.epoch_seconds() - _.until.epoch_seconds() <= WITHIN_SECONDS)
    )
    value = pairs.gone + "/" + pairs.what
    return ibis.union(pairs.select("account_id", value=value), pairs.select(account_id=_.gone, value=value)).distinct()


def _few_newcomers(users: Table, banned: Table) -> Table:
    """Bans after which few started on the template: each of the others would be held by all who did in those two days.

    Counted by running along each template's first uses, not by pairing them with bans: those are millions.
    """
    began, until = users.first_seen.epoch_seconds().cast("float64"), banned.until.epoch_seconds().cast("float64")
    starts = users.select(what="template_id", at=began, gone=ibis.null("string"), start=1, end=False)
    marks = [
        banned.select("what", at=until + seconds, gone=_.gone, start=0, end=end)
        for seconds, end in ((0, False), (WITHIN_SECONDS, True))
    ]
    # A range, not rows: what is of the same instant as a mark is counted with it.
    so_far = ibis.range_window(group_by="what", order_by="at", preceding=None, following=0)
    counted = ibis.union(starts, *marks).mutate(started=_.start.sum().over(so_far)).filter(_.gone.notnull())
    newcomers = counted.group_by("gone", "what").agg(newcomers=_.started.sum(where=_.end) - _.started.sum(where=~_.end))
    return newcomers.filter((_.newcomers > 0) & (_.newcomers < CROWD))


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
