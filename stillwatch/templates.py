"""Templates: sets of fingerprints that travel together through the prompts of several accounts.

A fingerprint of a template's fixed part occurs in nearly every prompt made from it; one of a slot occurs in few. So
fingerprints that share most of their documents (Jaccard) are joined, and a connected set of them is a template.
This is LogCluster's idea (Vaarandi, Pihelgas, "LogCluster: a data clustering and pattern mining algorithm for event
logs", CNSM 2015) on winnowed shingles, so that neither a slot's length nor its place matters. What is never the longest
template of enough documents is left out: fingerprints that stand beside a slot travel together by themselves.

Mining reads a bounded sample of exchanges, never all of them; `uses.py` then recognises templates everywhere.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from numba import njit

from stillwatch import tables
from stillwatch.config import Templates

_SPREAD = 0x9E3779B97F4A7C15  # multiplied by this, the high bits of a value are as good as random (Knuth, TAOCP 3, 6.4)


def templates(documents: pa.Table, config: Templates) -> pa.Table:
    """Mine templates from sampled documents (field, account_id, document, sketch): one row per template."""
    mined = [
        _mine(documents.filter(pa.compute.equal(documents["field"], field)), field, config)
        for field in ("prompt", "system")
    ]
    return pa.concat_tables(mined)


def _mine(documents: pa.Table, field: str, config: Templates) -> pa.Table:
    fingerprint, text, account = _flatten(documents)
    shingle, document, names = _frequent(fingerprint, text, account, config)
    if len(names) == 0:
        return tables.TEMPLATES.schema.empty_table()
    component = _components(shingle, document, names, config)
    return _rows(component, names, shingle, document, account, field, config)


def _flatten(documents: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One entry per fingerprint of a document: fingerprint, document; and each document's account."""
    ends, fingerprint = tables.unpacked(documents["sketch"].combine_chunks())
    document = np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(ends))
    account = documents["account_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return fingerprint, document, account


def _frequent(
    shingle: np.ndarray, document: np.ndarray, account: np.ndarray, config: Templates
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fingerprints of enough documents and accounts, renumbered 0..n, once a document; also their names.

    Most fingerprints are of slots and rare, so they are dropped by a count of hashes first, which is quick and errs by
    keeping a few, before anything is numbered.
    """
    often = _often(shingle, config.min_documents)
    document = document[often]
    code, names = _numbered(shingle[often])
    once, documents, accounts = _once(code, document, account, len(names), config.min_accounts)
    keep = (documents >= config.min_documents) & (accounts >= config.min_accounts)
    renumbered = np.cumsum(keep) - 1
    chosen = once & keep[code]
    return renumbered[code[chosen]], document[chosen].astype(np.int64), names[keep]


@njit(cache=True, nogil=True)
def _often(values: np.ndarray, least: int) -> np.ndarray:
    """Whether as many values at least have the hash of each; a byte a hash counts up to 255."""
    bits = _bits(len(values))
    counts = np.zeros(1 << bits, np.uint8)
    places = np.empty(len(values), np.uint32)
    for at in range(len(values)):
        place = np.uint32(np.uint64(values[at]) * np.uint64(_SPREAD) >> np.uint64(64 - bits))
        places[at] = place
        counts[place] += counts[place] < 255
    least = min(least, 255)
    often = np.empty(len(values), np.bool_)
    for at in range(len(values)):
        often[at] = counts[places[at]] >= least
    return often


@njit(cache=True, nogil=True)
def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A number for each distinct value, and the values by number; a table of open addressing, for sorting takes longer."""
    bits = _bits(len(values))
    table = np.full(1 << bits, -1, np.int32)
    numbers, names = np.empty(len(values), np.int32), np.empty(len(values), values.dtype)
    known = 0
    for at in range(len(values)):
        place = np.uint64(values[at]) * np.uint64(_SPREAD) >> np.uint64(64 - bits)
        while table[place] >= 0 and names[table[place]] != values[at]:
            place = (place + np.uint64(1)) & np.uint64((1 << bits) - 1)
        if table[place] < 0:
            table[place] = known
            names[known] = values[at]
            known += 1
        numbers[at] = table[place]
    return numbers, names[:known].copy()


@njit(cache=True, nogil=True)
def _bits(entries: int) -> int:
    """Of a hash, so that half of a table stays empty."""
    bits = 1
    while 1 << bits < 2 * entries:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def _once(
    code: np.ndarray, document: np.ndarray, account: np.ndarray, codes: int, enough: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which entries are the first of their code in their document; of each code its documents, and up to `enough` accounts.

    Documents come one after the other, so that the last one seen tells; accounts do not, and are few enough to keep.
    """
    once = np.zeros(len(code), np.bool_)
    latest = np.full(codes, -1, np.int32)
    documents, accounts = np.zeros(codes, np.int64), np.zeros(codes, np.int64)
    known = np.empty((codes, enough), np.int32)
    for at in range(len(code)):
        one = code[at]
        if latest[one] == document[at]:
            continue
        latest[one] = document[at]
        once[at] = True
        documents[one] += 1
        here = account[document[at]]
        met = 0
        while met < accounts[one] and known[one, met] != here:
            met += 1
        if met == accounts[one] and met < enough:
            known[one, met] = here
            accounts[one] += 1
    return once, documents, accounts


def _components(shingle: np.ndarray, document: np.ndarray, names: np.ndarray, config: Templates) -> np.ndarray:
    """The connected set of each fingerprint.

    Each draw orders the documents anew, and fingerprints whose first document is the same are compared. Two of Jaccard
    J meet in a draw with probability J (MinHash, of fingerprints over documents), wherever in a text they stand and
    whatever stands between them: comparing neighbours missed two ends of a frame with a long slot between them.
    The order comes from what documents hold, not from their numbers, which another scan may give differently.
    """
    start = np.concatenate([[0], np.cumsum(np.bincount(shingle, minlength=len(names)))])
    holders = document[np.argsort(shingle, kind="stable")]
    content = np.zeros(int(document.max()) + 1, np.uint64)
    np.add.at(content, document, _mixed(names.astype(np.uint64))[shingle])
    parent = np.arange(len(names))
    for _ in range(config.draws):
        content = _mixed(content)
        first = np.minimum.reduceat(content[holders], start[:-1])
        _join(np.argsort(first), first, start, holders, config.min_jaccard, parent)
    return np.unique(_roots(parent), return_inverse=True)[1]


def _mixed(values: np.ndarray) -> np.ndarray:
    """One to one, and as good as random (the finaliser of MurmurHash3; 1 is added because it leaves 0 as it is)."""
    values = values + np.uint64(1)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        values = (values ^ (values >> np.uint64(33))) * np.uint64(factor)
    return values ^ (values >> np.uint64(33))


@njit(cache=True, nogil=True)
def _join(
    order: np.ndarray, first: np.ndarray, start: np.ndarray, holders: np.ndarray, min_jaccard: float, parent: np.ndarray
) -> None:
    """Put fingerprints that met, and are alike, in one set."""
    low = 0
    for high in range(len(order)):
        if first[order[high]] != first[order[low]]:
            low = high
        for met in range(low, high):
            a, b = _root(parent, order[high]), _root(parent, order[met])
            if a != b and _alike(start, holders, order[high], order[met], min_jaccard):
                parent[max(a, b)] = min(a, b)


@njit(cache=True, nogil=True)
def _alike(start: np.ndarray, holders: np.ndarray, a: int, b: int, min_jaccard: float) -> bool:
    """Whether two fingerprints share more than this of their documents."""
    i, j, together = start[a], start[b], 0
    many, few = start[a + 1] - i, start[b + 1] - j
    if min(many, few) <= min_jaccard * max(many, few):
        return False
    while i < start[a + 1] and j < start[b + 1]:
        together += holders[i] == holders[j]
        step = holders[i] <= holders[j]
        j += holders[j] <= holders[i]
        i += step
    return together > min_jaccard * (many + few - together)


@njit(cache=True, nogil=True)
def _root(parent: np.ndarray, one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


@njit(cache=True, nogil=True)
def _roots(parent: np.ndarray) -> np.ndarray:
    return np.array([_root(parent, one) for one in range(len(parent))])


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
    pairs, held = np.unique((document << 32) | component[shingle], return_counts=True)
    holder, of = pairs >> 32, pairs & 0xFFFFFFFF
    documents = np.bincount(of)
    usual = np.bincount(of, weights=held) / documents
    found = (held >= config.min_share * usual[of]) & (size[of] >= config.min_shingles)
    most = np.zeros(len(account), np.int64)
    np.maximum.at(most, holder[found], held[found])
    made = found & (held == most[holder])
    kept = np.flatnonzero(
        (np.bincount(of[made], minlength=len(size)) >= config.min_documents)
        & (_accounts(of[made], account[holder[made]], len(size)) >= config.min_accounts)
    )
    accounts = _accounts(of, account[holder], len(size))
    order = np.argsort(component, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(size)])
    rows = []
    for number in kept:
        core = np.sort(names[order[bounds[number] : bounds[number + 1]]])
        rows.append(
            {
                "template_id": _template_id(core, field),
                "field": field,
                "shingles": core.tolist(),
                "usual_shingles": usual[number],
                "sampled_documents": documents[number],
                "sampled_accounts": accounts[number],
            }
        )
    rows.sort(key=lambda row: row["template_id"])
    return pa.Table.from_pylist(rows, schema=tables.TEMPLATES.schema)


def _accounts(thing: np.ndarray, account: np.ndarray, things: int) -> np.ndarray:
    """How many accounts each of `things` is of."""
    return np.bincount(_distinct((thing.astype(np.int64) << 32) | account) >> 32, minlength=things)


def _distinct(values: np.ndarray) -> np.ndarray:
    """As np.unique, which hashes instead of sorting and takes ten times as long on millions."""
    values = np.sort(values)
    return values[np.diff(values, prepend=values[:1] - 1) > 0]


def _template_id(core: np.ndarray, field: str) -> str:
    """A name that depends on the fingerprints alone, so that two scans give one template one name."""
    return "T-" + hashlib.blake2b(core.tobytes() + field.encode(), digest_size=5).hexdigest()
