"""Exchanges → signals: what is observed of each exchange; after this there is no text any more.

One file per behaviour; `signals` is the map stage that runs them over a batch.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Text
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.signals.clients import KnownClients
from stillwatch.signals.loop import at_work
from stillwatch.signals.outcome import outcomes
from stillwatch.signals.replay import replayed
from stillwatch.signals.sketch import sketches
from stillwatch.signals.tags import tags

_REASONING = CAPABILITIES.index("reasoning")
_AGENTIC = CAPABILITIES.index("agentic")
_TRACE = ELICITATIONS.index("trace_reconstruction")
EMPTY_TOOLS = 4  # bytes: `[]`, `{}` and `null` define no tool

__all__ = ["KnownClients", "signals"]


def signals(exchanges: pa.RecordBatch, clients: KnownClients, config: Text) -> pa.RecordBatch:
    """Map stage: fingerprints and tags of a batch of clean exchanges (tables.EXCHANGES → tables.SIGNALS)."""
    prompt, system, tools = (exchanges.column(name) for name in ("prompt", "system", "tools"))
    of_prompt = sketches(prompt, config)
    own_system, client = clients.stripped(
        system.dictionary
    )  # an agent's long one is one text, however often it is sent
    of_system = sketches(own_system, config)
    tagged = tags(pa.DictionaryArray.from_arrays(system.indices, own_system), prompt, tools, config)
    replay = replayed(exchanges.column("turn"), exchanges.column("reasoning_signature"))
    has_tools = pc.fill_null(pc.greater(pc.binary_length(tools.dictionary), EMPTY_TOOLS).take(tools.indices), False)
    step = at_work(exchanges.column("turn"), has_tools, tagged.capability)
    capability = pc.if_else(step, pa.scalar(_AGENTIC, pa.int16()), tagged.capability)
    capabilities = pc.bit_wise_or(tagged.capabilities, _where(step, 1 << _AGENTIC, pa.int32()))
    made = {
        "has_tools": has_tools,
        "prompt_bytes": pa.array(of_prompt.bytes),
        "prompt_hash": pa.array(of_prompt.hash),
        "known_client": client.take(system.indices),
        "system_hash": pa.array(of_system.hash, mask=of_system.bytes == 0).take(system.indices),
        "sketch": of_prompt.sketch,
        "system_sketch": of_system.sketch.take(system.indices).fill_null(b""),
        "capability": pc.if_else(replay, pa.scalar(_REASONING, pa.int16()), capability),
        "capabilities": pc.bit_wise_or(capabilities, _where(replay, 1 << _REASONING, pa.int32())),
        "elicitation": pc.bit_wise_or(tagged.elicitation, _where(replay, 1 << _TRACE, pa.int16())),
        "outcome": outcomes(exchanges.column("status"), exchanges.column("finish_reason")),
    }
    columns = [
        made[field.name] if field.name in made else exchanges.column(field.name) for field in tables.SIGNALS.schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=tables.SIGNALS.schema)


def _where(mask: pa.Array, bit: int, kind: pa.DataType) -> pa.Array:
    return pc.if_else(mask, pa.scalar(bit, kind), pa.scalar(0, kind))
