"""Skeletons of the templates that a report shows, from a few texts read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from stillwatch.engines.duckdb import DuckDB
from stillwatch.readers import Log
from stillwatch.skeletons import skeleton

_EXAMPLES = 4  # texts a template, each of another account: what four strangers share is the template's
_MAX_TEMPLATES = 60  # templates a report shows, over all campaigns; each costs some chunks read again
_MAX_CHARACTERS = 1_200  # of a skeleton


def skeletons(engine: DuckDB, log: Log, fields: Mapping[str, str]) -> dict[str, str]:
    """template_id → skeleton, for prompt and system templates (`fields` says which it is)."""
    chosen = dict(list(fields.items())[:_MAX_TEMPLATES])
    texts: dict[str, list[str]] = defaultdict(list)
    for field, column in (("prompt", "template_id"), ("system", "system_template_id")):
        wanted = [name for name, of in chosen.items() if of == field]
        places = _places(engine, column, wanted)
        found = log.texts({place for _, place in places})
        for name, place in places:
            if place in found:
                system, prompt = found[place]
                texts[name].append(prompt if field == "prompt" else system or "")
    return {name: skeleton(examples, _MAX_CHARACTERS) for name, examples in texts.items()}


def _places(engine: DuckDB, column: str, wanted: list[str]) -> list[tuple[str, tuple[int, int, int]]]:
    """The earliest places of each template, one an account, so that few chunks have to be read."""
    if not wanted:
        return []
    names = ", ".join(f"'{name}'" for name in wanted)
    rows = engine.query(
        f"SELECT name, place.file, place.chunk, place.row FROM (SELECT {column} AS name, account_id, "
        f"min(struct_pack(file := file, chunk := chunk, row := row)) AS place FROM '{engine.path('uses')}' "
        f"WHERE {column} IN ({names}) GROUP BY 1, 2) "
        f"QUALIFY row_number() OVER (PARTITION BY name ORDER BY place, account_id) <= {_EXAMPLES} ORDER BY ALL"
    )
    return [(name, (file, chunk, row)) for name, file, chunk, row in rows]
