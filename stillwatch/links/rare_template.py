"""Accounts that write prompts from a template few others use, or use it in the same five minutes.

Templates alone prove nothing: a coding agent shares one over thousands of strangers. Hence the crowd limit here; a
crowded template ties accounts only if its users are tied by other things too (`links/cohesion.py`).
Innocent when: colleagues with a common macro, a class with a common assignment.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    products = tables["template_spread"].filter(_.independent)
    used = tables["account_templates"].anti_join(products, "template_id")
    return used.select("account_id", value=_.template_id).distinct()


rare_template = Tie(
    kind="rare_template",
    family="product",
    reads=("account_templates", "template_spread"),
    values=values,
    same_operator=0.5,  # a campaign gives its template to most of its accounts
    unrelated=0.02,  # a popular prompt from a blog, a shared macro
    crowd=60,  # more users are a product's, or need other ties
    phrase="write prompts from a template that few others use",
    innocent="colleagues with a common macro, or readers of one blog post",
)
