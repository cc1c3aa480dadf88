"""An expression as an engine runs it, which may be kept: writing it down takes longer than running it on a few rows."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.operations as ops


@dataclass(frozen=True)
class Query:
    """For any engine of the kind that wrote it, where tables have the same names and columns."""

    sql: str
    literals: tuple[ibis.Table, ...]  # tables inside the expression, which are in no store


def literals(expression: ibis.Table) -> tuple[ibis.Table, ...]:
    """Tables inside an expression that an engine has to be given before it can run it."""
    return tuple(one.to_expr() for one in expression.op().find(ops.InMemoryTable))
