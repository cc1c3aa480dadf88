"""Which template an exchange was made from: signals, with the fingerprints exchanged for a template's name.

A template is recognised by the share of its fingerprints that a text has, of as many as its texts usually have: what
stands near a slot, or in the middle of a long text, is in some of them only. A text that has enough of several templates
belongs to the one of which it has the most fingerprints, because the longer frame says more.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import orjson
import pyarrow as pa
from numba import njit

from stillwatch import tables
from stillwatch.config import Templates, Text

_SETTINGS = b"stillwatch"  # in the metadata of a file
_EMPTY = -1
_ROOM = (
    4  # places for each fingerprint: most that are looked for are no template's, and then find an empty place at once
)
_MAX_CANDIDATES = 64  # templates one text can touch; a sketch of 48 fingerprints touches no more


class Recogniser:
    """Fingerprint → template, for one field; made once, used on every batch."""

    def __init__(self, templates: pa.Table, field: str, config: Templates) -> None:
        chosen = templates.filter(pa.compute.equal(templates["field"], field))
        self.names = chosen["template_id"].combine_chunks()
        shingles = chosen["shingles"].combine_chunks()
        lengths = pa.compute.list_value_length(shingles).to_numpy(zero_copy_only=False)
        self.needed = config.min_share * chosen["usual_shingles"].to_numpy()
        of_template = np.repeat(np.arange(len(chosen), dtype=np.int32), lengths)
        self.shingle, self.template = _placed(shingles.flatten().to_numpy(), of_template)

    def recognise(self, sketch: pa.BinaryArray) -> pa.Array:
        """The template of each sketch, or null."""
        ends, values = tables.unpacked(sketch)
        best = np.full(len(sketch), _EMPTY, np.int32)
        if len(self.names):
            _best_template(ends, values, self.shingle, self.template, self.needed, best)
        return self.names.take(pa.array(best, mask=best == _EMPTY))

    def of_one(self, sketch: np.ndarray) -> int:
        """The place in `names` of one text's template, or -1; as `recognise`, without what a batch costs before it begins."""
        best = np.full(1, _EMPTY, np.int32)
        if len(self.names):
            _best_template(np.array([0, len(sketch)], np.int32), sketch, self.shingle, self.template, self.needed, best)
        return int(best[0])


def with_settings(templates: pa.Table, text: Text, config: Templates) -> pa.Table:
    """Templates that go elsewhere, with the settings by which texts are held against them."""
    said = {"text": asdict(text), "templates": asdict(config)}
    return templates.replace_schema_metadata({_SETTINGS: orjson.dumps(said)})


def settings_of(templates: pa.Table) -> tuple[Text, Templates]:
    """Those that they came with. KeyError, TypeError or ValueError if there are none that can be read."""
    said = orjson.loads((templates.schema.metadata or {})[_SETTINGS])
    return Text(**said["text"]), Templates(**said["templates"])


def uses(signals: pa.RecordBatch, prompt: Recogniser, system: Recogniser) -> pa.RecordBatch:
    """Map stage: name the templates, drop the fingerprints."""
    columns = {name: signals.column(name) for name in signals.schema.names}
    columns["template_id"] = prompt.recognise(columns.pop("sketch"))
    spoken = columns.pop("system_sketch").dictionary_encode()  # few are different
    columns["system_template_id"] = system.recognise(spoken.dictionary).take(spoken.indices)
    return pa.RecordBatch.from_arrays([columns[name] for name in tables.USES.names], schema=tables.USES.schema)


@njit(cache=True, nogil=True)
def _placed(shingle: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fingerprints at the places where `_best_template` looks for them, and the template of each: open addressing.

    The fingerprint of several templates is that of the first.
    """
    size = 16
    while size < _ROOM * len(shingle):
        size *= 2
    keys = np.zeros(size, np.int32)
    values = np.full(size, _EMPTY, np.int32)
    for i in range(len(shingle)):
        at = shingle[i] & (size - 1)
        while values[at] != _EMPTY and keys[at] != shingle[i]:
            at = (at + 1) & (size - 1)
        if values[at] == _EMPTY:
            keys[at] = shingle[i]
            values[at] = template[i]
    return keys, values


@njit(cache=True, nogil=True)
def _best_template(
    ends: np.ndarray,
    values: np.ndarray,
    shingle: np.ndarray,
    template: np.ndarray,
    needed: np.ndarray,
    best: np.ndarray,
) -> None:
    candidates = np.empty(_MAX_CANDIDATES, np.int32)
    hits = np.empty(_MAX_CANDIDATES, np.int32)
    for row in range(len(ends) - 1):
        n = 0
        for i in range(ends[row], ends[row + 1]):
            at = values[i] & (len(shingle) - 1)
            while template[at] != _EMPTY and shingle[at] != values[i]:
                at = (at + 1) & (len(shingle) - 1)
            if template[at] == _EMPTY or _was_before(values, ends[row], i):
                continue
            found = False
            for c in range(n):
                if candidates[c] == template[at]:
                    hits[c] += 1
                    found = True
                    break
            if not found and n < _MAX_CANDIDATES:
                candidates[n] = template[at]
                hits[n] = 1
                n += 1
        chosen = _EMPTY
        most = 0
        for c in range(n):
            if hits[c] >= needed[candidates[c]] and (hits[c] > most or (hits[c] == most and candidates[c] < chosen)):
                chosen = candidates[c]
                most = hits[c]
        best[row] = chosen


@njit(cache=True, nogil=True)
def _was_before(values: np.ndarray, start: int, place: int) -> bool:
    """Whether the value at `place` stands between `start` and it as well."""
    at = start
    while values[at] != values[place]:
        at += 1
    return at < place
