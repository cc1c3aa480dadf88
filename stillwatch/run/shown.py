"""Skeletons of the templates that a report shows, from a few texts read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import ibis

from stillwatch.engines import Engine
from stillwatch.run.passes import Passes
from stillwatch.skeletons import skeleton

_EXAMPLES = 4  # texts a template, each of another account: what four strangers share is the template's
_MAX_TEMPLATES = 60  # templates a report shows, over all campaigns; each costs some chunks read again
_MAX_CHARACTERS = 1_200  # of a skeleton


def skeletons(engine: Engine, passes: Passes, fields: Mapping[str, str]) -> dict[str, str]:
    """template_id → skeleton, for prompt and system templates (`fields` says which it is)."""
    chosen = dict(list(fields.items())[:_MAX_TEMPLATES])
    texts: dict[str, list[str]] = defaultdict(list)
    for field, column in (("prompt", "template_id"), ("system", "system_template_id")):
        examples = _examples(engine, column, [name for name, of in chosen.items() if of == field])
        found = passes.texts({one["exchange_id"]: (one["file"], one["chunk"], one["row"]) for one in examples})
        for one in examples:
            if one["exchange_id"] in found:
                system, prompt = found[one["exchange_id"]]
                texts[one["name"]].append(prompt if field == "prompt" else system or "")
    return {name: skeleton(examples, _MAX_CHARACTERS) for name, examples in texts.items()}


def _examples(engine: Engine, column: str, wanted: list[str]) -> list[dict[str, Any]]:
    """The latest first turns of each template, one an account: few chunks have to be read, and a watch still has them.

    Later turns only where there is nothing else: they repeat a part of the template, each another one.
    """
    if not wanted:
        return []
    uses = engine.table("uses")
    at = {name: uses[name] for name in ("file", "chunk", "row", "exchange_id")}
    place = ibis.struct({"opens": (uses["turn"] == 0).fill_null(False), **at})
    last = uses.filter(uses[column].isin(wanted)).group_by(name=uses[column], account_id=uses.account_id).agg(
        place=place.max()
    )  # fmt: skip
    order = ibis.window(group_by="name", order_by=[ibis.desc("place"), "account_id"])
    ranked = last.mutate(rank=ibis.row_number().over(order)).filter(lambda t: t["rank"] < _EXAMPLES)
    chosen = ranked.select("name", "rank", **{name: ranked.place[name] for name in at})
    return engine.collect(chosen.order_by("name", "rank")).to_pylist()
