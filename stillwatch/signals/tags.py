"""What each exchange is after: capabilities drawn on, and ways of eliciting what a model would not show by itself.

Looks for: phrases of the lexicon in prompt and system prompt, names of tools, and the shape of the prompt (shape.py).
When an innocent account shows it too: always, one by one, as the lexicon says for every tag. A tag describes an
exchange; only many accounts with the same narrow set of tags and the same template are a finding.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from stillwatch.config import Text
from stillwatch.evidence import CAPABILITIES
from stillwatch.signals import lexicon
from stillwatch.signals.automaton import Automaton, build
from stillwatch.signals.phrases import MAX_SPANS, Matches, find
from stillwatch.signals.shape import shape

ENOUGH = 0.999  # sum of weights from which a tag holds: 1.0, less what float32 loses in adding tenths
CEILING = 2.0  # most that a prompt can add to a capability: a long text must not win by its length
SYSTEM_CEILING = 1.5  # the same for system prompt and tools, which say what the product is, not what this request wants
TOOLS_WEIGHT = 1.0  # tool definitions were sent: enough for tool_use, whatever the prompt says
# Of equally strong capabilities the more special one is named: a judge that grades code is judging, and the schema of a
# tool is full of programmers' words. What asks an agent for code is coding; its later steps are told by loop.py.
_SPECIAL_FIRST = (
    "judging", "data_generation", "vision", "tool_use", "coding", "computer_use", "agentic", "data_analysis",
    "rewriting", "reasoning", "chat",
)  # fmt: skip
_ORDER = np.array([CAPABILITIES.index(name) for name in _SPECIAL_FIRST])
_CHAT = CAPABILITIES.index("chat")
_TOOL_USE = CAPABILITIES.index("tool_use")

SPAN = pa.struct([pa.field("phrase", pa.int16()), pa.field("start", pa.int32()), pa.field("length", pa.int16())])

_automata: dict[str, Automaton] = {}  # compiled once per process


@dataclass(frozen=True)
class Tags:
    """One row per exchange; the first three are columns of tables.SIGNALS, `spans` says why."""

    capability: pa.Array  # int16: position in CAPABILITIES
    capabilities: pa.Array  # int32: bit i set when CAPABILITIES[i] was seen
    elicitation: pa.Array  # int16: bit i set when ELICITATIONS[i] was seen
    spans: pa.ListArray  # list<struct<phrase, start, length>>; in the system prompt, `start` counts as -1 - start


def tags(system: pa.Array, prompt: pa.Array, tools: pa.Array | None, config: Text | None = None) -> Tags:
    """Tag every exchange; nulls are empty texts. Texts that repeat may come coded, as exchanges hold them."""
    limit = (config or Text()).max_bytes
    automaton = _automaton("prompts")
    in_prompt = find(prompt, automaton, limit)
    distinct, position = _distinct(system)  # an agent's long system prompt is read once, not once per exchange
    in_system = find(distinct, automaton, limit)
    n = len(CAPABILITIES)
    strength = np.minimum(in_prompt.weights[:, :n] + shape(prompt, limit), CEILING)
    setting = in_system.weights[position, :n]
    if tools is not None:
        setting += _tools(tools, limit)
    strength += np.minimum(setting, SYSTEM_CEILING)
    seen = strength >= ENOUGH
    seen[:, _CHAT] |= ~seen.any(axis=1)
    elicited = in_prompt.weights[:, n:] + in_system.weights[position, n:] >= ENOUGH
    return Tags(
        pa.array(_strongest(strength, seen)),
        pa.array(_bits(seen, np.int32)),
        pa.array(_bits(elicited, np.int16)),
        _spans(in_prompt, in_system, position),
    )


def _automaton(name: str) -> Automaton:
    if name not in _automata:
        _automata[name] = build(lexicon.prompts() if name == "prompts" else lexicon.tool_names())
    return _automata[name]


def _distinct(texts: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The distinct texts, and the position of each row's text among them."""
    if pa.types.is_null(texts.type):
        return pa.array([""], pa.string()), np.zeros(len(texts), np.int64)
    coded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    dictionary, indices = coded.dictionary, coded.indices
    if indices.null_count:
        dictionary = pa.concat_arrays([dictionary, pa.array([""], dictionary.type)])
        indices = indices.fill_null(len(dictionary) - 1)
    return dictionary, indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _strongest(strength: np.ndarray, seen: np.ndarray) -> np.ndarray:
    ranked = np.where(seen, strength, -1.0)[:, _ORDER]
    return _ORDER[ranked.argmax(axis=1)].astype(np.int16)


def _bits(seen: np.ndarray, width: type[np.signedinteger]) -> np.ndarray:
    return (seen << np.arange(seen.shape[1])).sum(axis=1).astype(width)


def _tools(tools: pa.Array, limit: int) -> np.ndarray:
    """Strength from tool definitions: that there are any, and what the tools are called."""
    distinct, position = _distinct(tools)
    strength = find(distinct, _automaton("tools"), limit).weights[:, : len(CAPABILITIES)]
    empty = pc.is_in(pc.utf8_trim_whitespace(distinct), pa.array(["", "[]", "{}", "null"], distinct.type))
    strength[:, _TOOL_USE] += TOOLS_WEIGHT
    strength[empty.to_numpy(zero_copy_only=False)] = 0.0
    return strength[position]


def _spans(prompt: Matches, system: Matches, position: np.ndarray) -> pa.ListArray:
    """Spans of prompt and system prompt together, those of eliciting phrases first."""
    ends, phrase, start, length = _join(
        prompt.count, prompt.eliciting, prompt.phrase, prompt.start, prompt.length,
        system.count, system.eliciting, system.phrase, system.start, system.length, position,
    )  # fmt: skip
    structs = pa.StructArray.from_arrays([pa.array(phrase), pa.array(start), pa.array(length)], fields=list(SPAN))
    return pa.ListArray.from_arrays(pa.array(ends), structs)


@njit(cache=True, nogil=True)
def _join(count, eliciting, phrase, start, length, s_count, s_eliciting, s_phrase, s_start, s_length, position):
    rows = len(count)
    ends = np.zeros(rows + 1, np.int32)
    phrases = np.empty(rows * MAX_SPANS, np.int16)
    starts = np.empty(rows * MAX_SPANS, np.int32)
    lengths = np.empty(rows * MAX_SPANS, np.int16)
    used = 0
    for row in range(rows):
        at = position[row]
        full = used + MAX_SPANS
        for part in range(4):  # eliciting: prompt, system; then the others: prompt, system
            own = part % 2 == 0
            firm = eliciting[row] if own else s_eliciting[at]
            first = 0 if part < 2 else firm
            after = firm if part < 2 else (count[row] if own else s_count[at])
            for slot in range(first, after):
                if used == full:
                    break
                phrases[used] = phrase[row, slot] if own else s_phrase[at, slot]
                starts[used] = start[row, slot] if own else -1 - s_start[at, slot]
                lengths[used] = length[row, slot] if own else s_length[at, slot]
                used += 1
        ends[row + 1] = used
    return ends, phrases[:used].copy(), starts[:used].copy(), lengths[:used].copy()
