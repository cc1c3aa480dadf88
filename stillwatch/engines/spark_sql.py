"""Where Ibis 12 writes SQL that Spark takes to mean something else than DuckDB does; found by comparing every table."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

MICROSECONDS = 1e6  # in a second


def meant(expression: ibis.Table) -> ibis.Table:
    """The same expression, so that Spark computes what it says."""
    return expression.op().replace(_meant).to_expr()


def _meant(node: ops.Node, changed: dict[str, Any] | None) -> ops.Node:
    node = node.__recreate__(changed) if changed else node
    if isinstance(node, ops.ExtractEpochSeconds):
        # DuckDB's seconds since 1970 have a fraction; Spark's are whole.
        return ops.Divide(_micros(node.arg.to_expr()).op(), _double(MICROSECONDS))
    if isinstance(node, ops.Literal) and node.dtype.is_floating() and node.value is not None:
        return _double(node.value)
    return node


def _double(number: float) -> ops.Node:
    """`50.0` in Spark's SQL is a decimal, and dividing by one rounds after six digits."""
    return ops.Cast(ops.Literal(number, dt.float64), dt.float64)


@ibis.udf.scalar.builtin(name="unix_micros", signature=((dt.Timestamp(timezone="UTC"),), dt.int64))
def _micros(instant: Any) -> Any:
    """Spark's own function: microseconds since 1970."""
