"""What no engine hands out: rows of single exchanges. Their number has no bound that a machine of ours could hold."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.operations as ops

from stillwatch import tables

GROWING = frozenset(one.name for one in tables.ALL if one.of_exchanges)
_FEWER = (ops.Aggregate, ops.Distinct)  # what makes few rows of many
_TESTED = ("semi", "anti")  # joins whose right side gives no rows


def refuse_exchanges(expression: ibis.Table, stored: Callable[[str], str]) -> None:
    """Stop at an expression whose rows are exchanges. `stored` gives the table's name of what the engine calls it."""
    name = exchanges_in(expression, stored)
    if name is not None:
        raise AssertionError(f"BUG: collect: rows of {name!r} are exchanges; aggregate them first, or use export")


def exchanges_in(expression: ibis.Table, stored: Callable[[str], str]) -> str | None:
    """The table of exchanges whose rows an expression has, one by one, if it has any."""
    return _exchanges(expression.op(), stored)


def _exchanges(node: ops.Node, stored: Callable[[str], str]) -> str | None:
    if isinstance(node, ops.PhysicalTable):
        name = stored(node.name) if isinstance(node, ops.DatabaseTable) else ""
        return name if name in GROWING else None
    if isinstance(node, _FEWER):
        return None
    if isinstance(node, ops.JoinLink) and node.how in _TESTED:
        return None
    below = (child for child in node.__children__ if isinstance(child, ops.Relation | ops.JoinLink))
    return next((name for name in (_exchanges(child, stored) for child in below) if name is not None), None)
