"""Which template an exchange was made from: signals, with the fingerprints exchanged for a template's name.

A template is recognised by the share of its fingerprints that a text has, of as many as its texts usually have: what
stands near a slot, or in the middle of a long text, is in some of them only. A text that has enough of several templates
belongs to the one of which it has the most fingerprints, because the longer frame says more.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit

from stillwatch import tables
from stillwatch.config import Templates

_EMPTY = -1
_MAX_CANDIDATES = 64  # templates one text can touch; a sketch of 48 fingerprints touches no more


class Recogniser:
    """Fingerprint → template, for one field; made once, used on every batch."""

    def __init__(self, templates: pa.Table, field: str, config: Templates) -> None:
        chosen = templates.filter(pa.compute.equal(templates["field"], field))
        self.names = chosen["template_id"].combine_chunks()
        shingles = chosen["shingles"].combine_chunks()
        lengths = pa.compute.list_value_length(shingles).to_numpy(zero_copy_only=False)
        self.needed = config.min_share * chosen["usual_shingles"].to_numpy()
        flat = shingles.flatten().to_numpy()
        order = np.argsort(flat, kind="stable")
        self.shingle = flat[order]
        self.template = np.repeat(np.arange(len(chosen), dtype=np.int32), lengths)[order]

    def recognise(self, sketch: pa.ListArray) -> pa.Array:
        """The template of each sketch, or null."""
        if len(self.shingle) == 0:
            return pa.nulls(len(sketch), pa.string())
        offsets = sketch.offsets.to_numpy()
        values = sketch.values.to_numpy()
        best = np.empty(len(sketch), np.int32)
        _best_template(offsets, values, self.shingle, self.template, self.needed, best)
        return self.names.take(pa.array(best, mask=best < 0))


def uses(signals: pa.RecordBatch, prompt: Recogniser, system: Recogniser) -> pa.RecordBatch:
    """Map stage: name the templates, drop the fingerprints."""
    columns = {name: signals.column(name) for name in signals.schema.names}
    columns["template_id"] = prompt.recognise(columns.pop("sketch"))
    columns["system_template_id"] = system.recognise(columns.pop("system_sketch"))
    return pa.RecordBatch.from_arrays([columns[name] for name in tables.USES.names], schema=tables.USES.schema)


@njit(cache=True, nogil=True)
def _best_template(
    offsets: np.ndarray,
    values: np.ndarray,
    shingle: np.ndarray,
    template: np.ndarray,
    needed: np.ndarray,
    best: np.ndarray,
) -> None:
    candidates = np.empty(_MAX_CANDIDATES, np.int32)
    hits = np.empty(_MAX_CANDIDATES, np.int32)
    for row in range(len(offsets) - 1):
        n = 0
        for i in range(offsets[row], offsets[row + 1]):
            at = np.searchsorted(shingle, values[i])
            if at == len(shingle) or shingle[at] != values[i]:
                continue
            repeated = False
            for j in range(offsets[row], i):
                if values[j] == values[i]:
                    repeated = True
                    break
            if repeated:
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
