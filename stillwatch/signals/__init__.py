"""Exchanges → signals: what is observed of each exchange; after this there is no text any more.

One file per behaviour; `signals` is the map stage that runs them over a batch.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Text
from stillwatch.signals.clients import KnownClients
from stillwatch.signals.sketch import sketches
from stillwatch.signals.tags import tags

EMPTY_TOOLS = 4  # bytes: `[]`, `{}` and `null` define no tool

__all__ = ["KnownClients", "signals"]


def signals(exchanges: pa.RecordBatch, clients: KnownClients, config: Text) -> pa.RecordBatch:
    """Map stage: fingerprints and tags of a batch of clean exchanges (tables.EXCHANGES → tables.SIGNALS)."""
    prompt, system, tools = (exchanges.column(name) for name in ("prompt", "system", "tools"))
    of_prompt = sketches(prompt, config)
    spoken = system.dictionary_encode()  # an agent's long system prompt is one text, however often it is sent
    own_system, client = clients.stripped(spoken.dictionary)
    of_system = sketches(own_system, config)
    tagged = tags(own_system.take(spoken.indices), prompt, tools, config)
    made = {
        "has_tools": pc.fill_null(pc.greater(pc.binary_length(tools), EMPTY_TOOLS), False),
        "prompt_bytes": pa.array(of_prompt.bytes),
        "prompt_hash": pa.array(of_prompt.hash),
        "known_client": client.take(spoken.indices),
        "system_hash": pa.array(of_system.hash, mask=of_system.bytes == 0).take(spoken.indices),
        "sketch": of_prompt.sketch,
        "system_sketch": of_system.sketch.take(spoken.indices).fill_null([]),
        "capability": tagged.capability,
        "capabilities": tagged.capabilities,
        "elicitation": tagged.elicitation,
        "spans": tagged.spans,
    }
    columns = [
        made[field.name] if field.name in made else exchanges.column(field.name) for field in tables.SIGNALS.schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=tables.SIGNALS.schema)
