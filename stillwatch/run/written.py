"""Queries of stages, written once in a process: over a few thousand rows, writing them takes longer than running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.engines.queries import Query
from stillwatch.flow import Stage, checked

MOST = 500  # kept, of 1 to 100 KB each; a run has some 40, and looks that lack some table a few others

_kept: dict[Any, Query] = {}


def written(stage: Stage, engine: Engine, stored: Mapping[str, ibis.Table], config: Config) -> Query:
    """A stage's query. It follows from the stage, the settings and the columns of what it reads, never from rows."""
    key = (type(engine), stage, config, tuple((name, table.schema()) for name, table in stored.items()))
    query = _kept.get(key)
    if query is None:
        expression = stage.build(stored, config)
        checked(stage, expression.schema())
        query = engine.query(expression)
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = query
    return query
