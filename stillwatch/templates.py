"""Templates: sets of fingerprints that travel together through the prompts of several accounts.

A fingerprint of a template's fixed part occurs in nearly every prompt made from it; one of a slot occurs in few. So
fingerprints that share most of their documents (Jaccard) are joined, and a connected set of them is a template.
This is LogCluster's idea (Vaarandi, Pihelgas, "LogCluster: a data clustering and pattern mining algorithm for event
logs", CNSM 2015) on winnowed shingles, so that neither a slot's length nor its place matters.

Mining reads a bounded sample of exchanges, never all of them; `uses.py` then recognises templates everywhere.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stillwatch import tables
from stillwatch.config import Templates


def templates(documents: pa.Table, config: Templates) -> pa.Table:
    """Mine templates from sampled documents (field, account_id, document, sketch): one row per template."""
    mined = [
        _mine(documents.filter(pa.compute.equal(documents["field"], field)), field, config)
        for field in ("prompt", "system")
    ]
    return pa.concat_tables(mined)


def _mine(documents: pa.Table, field: str, config: Templates) -> pa.Table:
    shingle, document, account, names = _frequent(*_flatten(documents), config)
    if len(names) == 0:
        return tables.TEMPLATES.schema.empty_table()
    seen_in = np.bincount(shingle, minlength=len(names))
    together_a, together_b, together = _neighbours(shingle, document, config.reach)
    jaccard = together / (seen_in[together_a] + seen_in[together_b] - together)
    joined = jaccard > config.min_jaccard
    graph = coo_array(
        (np.ones(joined.sum(), np.int8), (together_a[joined], together_b[joined])), shape=(len(names), len(names))
    )
    _, component = connected_components(graph, directed=False)
    return _rows(component, names, shingle, document, account, field, config)


def _flatten(documents: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One entry per fingerprint of a document, in order of place: fingerprint, document; and each document's account."""
    sketch = documents["sketch"].combine_chunks()
    lengths = pa.compute.list_value_length(sketch).to_numpy(zero_copy_only=False)
    document = np.repeat(np.arange(len(sketch), dtype=np.int32), lengths)
    account = documents["account_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return sketch.flatten().to_numpy(), document, account


def _frequent(
    shingle: np.ndarray, document: np.ndarray, account: np.ndarray, config: Templates
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fingerprints of enough documents and accounts, renumbered 0..n, once a document; also their names.

    Most fingerprints are of slots and rare, so they are dropped by a plain count before anything is packed and sorted.
    """
    candidates, entries = np.unique(shingle, return_counts=True)
    candidates = candidates[entries >= config.min_documents]
    if len(candidates) == 0:
        return shingle[:0], document[:0], account[:0], candidates
    code = np.searchsorted(candidates, shingle)
    code[code == len(candidates)] = 0
    here = candidates[code] == shingle
    code, document = code[here], document[here].astype(np.int64)
    _, first = np.unique((document << 32) | code, return_index=True)
    first.sort()
    code, document = code[first], document[first]
    holder = account[document]
    documents = np.bincount(code, minlength=len(candidates))
    accounts = np.bincount(np.unique((code.astype(np.int64) << 32) | holder) >> 32, minlength=len(candidates))
    keep = (documents >= config.min_documents) & (accounts >= config.min_accounts)
    renumbered = np.cumsum(keep) - 1
    chosen = keep[code]
    return renumbered[code[chosen]], document[chosen], holder[chosen], candidates[keep]


def _neighbours(shingle: np.ndarray, document: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of fingerprints at most `reach` places apart in a document, and in how many documents they are."""
    packed = []
    for lag in range(1, reach + 1):
        same = document[lag:] == document[:-lag]
        low = np.minimum(shingle[lag:][same], shingle[:-lag][same]).astype(np.int64)
        high = np.maximum(shingle[lag:][same], shingle[:-lag][same]).astype(np.int64)
        packed.append((low << 32) | high)
    pairs, counts = np.unique(np.concatenate(packed), return_counts=True)
    return pairs >> 32, pairs & 0xFFFFFFFF, counts


def _rows(
    component: np.ndarray,
    names: np.ndarray,
    shingle: np.ndarray,
    document: np.ndarray,
    account: np.ndarray,
    field: str,
    config: Templates,
) -> pa.Table:
    size = np.bincount(component)
    rows = []
    order = np.argsort(component, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(size)])
    of_entry = component[shingle]
    by_component = np.argsort(of_entry, kind="stable")
    entry_bounds = np.searchsorted(of_entry[by_component], np.arange(len(size) + 1))
    for number in np.flatnonzero(size >= config.min_shingles):
        core = np.sort(names[order[bounds[number] : bounds[number + 1]]])
        entries = by_component[entry_bounds[number] : entry_bounds[number + 1]]
        rows.append(
            {
                "template_id": _template_id(core, field),
                "field": field,
                "shingles": core.tolist(),
                "sampled_documents": len(np.unique(document[entries])),
                "sampled_accounts": len(np.unique(account[entries])),
            }
        )
    rows.sort(key=lambda row: row["template_id"])
    return pa.Table.from_pylist(rows, schema=tables.TEMPLATES.schema)


def _template_id(core: np.ndarray, field: str) -> str:
    """A name that depends on the fingerprints alone, so that two scans give one template one name."""
    return "T-" + hashlib.blake2b(core.tobytes() + field.encode(), digest_size=5).hexdigest()
