"""What a suspect leans to: which tokens it says after which contexts more often, or less, than others do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stillwatch.prove.pairs import Counted, Pairs, begins
from stillwatch.safeguards.watermark.leaning import FEWEST, leanings


def leaned(said: Counted, others: Counted) -> tuple[Pairs, npt.NDArray[np.float64]]:
    """Pairs after contexts that both say often enough, each with its weight; those without one are left out."""
    known = np.intersect1d(said.hashes[said.totals() >= FEWEST], others.hashes[others.totals() >= FEWEST])
    ours, theirs = (np.isin(one.hashes, known) for one in (said, others))
    hashes = np.concatenate([said.hashes[ours], others.hashes[theirs]])
    tokens = np.concatenate([said.tokens[ours], others.tokens[theirs]])
    contexts = np.concatenate([said.contexts[ours], others.contexts[theirs]])
    by_us = np.concatenate([said.times[ours], np.zeros(int(theirs.sum()), np.int64)])
    by_them = np.concatenate([np.zeros(int(ours.sum()), np.int64), others.times[theirs]])
    order = np.lexsort((tokens, hashes))
    first = begins(hashes[order], tokens[order])
    if not len(first):
        return Pairs(contexts, tokens, hashes, said.read), np.empty(0)
    us, them = (np.add.reduceat(one[order], first) for one in (by_us, by_them))
    of_context = begins(hashes[order][first])
    long = np.diff(np.r_[of_context, len(first)])
    of_us, of_them = (np.repeat(np.add.reduceat(one, of_context), long) for one in (us, them))
    weights = leanings(us, of_us, them, of_them)
    kept = weights != 0.0
    pairs = Pairs(contexts[order][first][kept], tokens[order][first][kept], hashes[order][first][kept], said.read)
    return pairs, weights[kept]
