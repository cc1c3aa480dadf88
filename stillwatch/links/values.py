"""Who holds which shareable value, and how crowded each value is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis import Table, _

from stillwatch.links.given import given_values
from stillwatch.links.tie import Tie


def account_values(tables: Mapping[str, Table], ties: Sequence[Tie]) -> Table:
    """(account_id, kind, value), each once: every tie's values, and whatever else the provider gave."""
    parts = [
        tie.values(tables).select("account_id", kind=ibis.literal(tie.kind), value=_.value.cast("string"))
        for tie in ties
        if all(name in tables for name in tie.reads)
    ]
    if "evidence" in tables:
        parts.append(given_values(tables["evidence"]).select("account_id", "kind", "value"))
    nobody = ibis.memtable([], schema={name: "string" for name in ("account_id", "kind", "value")})
    return ibis.union(*parts) if len(parts) > 1 else (parts or [nobody])[0]


def own_shared_values(account_values: Table, ties: Sequence[Tie]) -> Table:
    """Values that at least two accounts hold: how many, whether that is a crowd, and the weight of sharing it, bits."""
    own = account_values.filter(_.kind.isin([tie.kind for tie in ties]))
    holders = own.group_by("kind").agg(population=_.account_id.nunique())
    degrees = own.group_by("kind", "value").agg(accounts=_.count()).filter(_.accounts >= 2)
    joined = degrees.join(holders, "kind").join(_parameters(ties), "kind")
    return joined.select(
        "kind",
        "value",
        "family",
        accounts=_.accounts,
        population=_.population,
        crowded=_.accounts > _.crowd,
        bits=ibis.greatest((_.same_operator / (_.unrelated + _.accounts / _.population)).log2(), ibis.literal(0.0)),
    )


def _parameters(ties: Sequence[Tie]) -> Table:
    """The ties' numbers as a table, to join with."""
    return ibis.memtable(
        [
            {
                "kind": tie.kind,
                "family": tie.family,
                "same_operator": tie.same_operator,
                "unrelated": tie.unrelated,
                "crowd": tie.crowd,
            }
            for tie in ties
        ],
        schema={
            "kind": "string",
            "family": "string",
            "same_operator": "float64",
            "unrelated": "float64",
            "crowd": "int64",
        },
    )
