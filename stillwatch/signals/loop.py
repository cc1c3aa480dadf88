"""An agent at work: a later turn of a conversation in which tools are defined.

The first turn says what is wanted (code, an answer from tools); what comes after it is mostly the result of a tool, and
what a copy would learn from the answer is which step to take next. The words of a result say nothing of that.
Innocent when: always, by itself; every coding agent works so.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.evidence import CAPABILITIES

# A person who chats where tools are at hand, or has an image described, is no agent, however long it lasts.
_MAY_BE_STEPS = pa.array([CAPABILITIES.index(name) for name in ("coding", "tool_use", "agentic")], pa.int16())


def at_work(turn: pa.Array, has_tools: pa.Array, capability: pa.Array) -> pa.Array:
    """Whether each exchange is a step of an agent; `capability` is what its words say. An unknown turn is none."""
    later = pc.fill_null(pc.greater(turn, 0), False)
    return pc.and_(pc.and_(later, has_tools), pc.is_in(capability, _MAY_BE_STEPS))
