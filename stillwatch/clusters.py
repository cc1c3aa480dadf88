"""Links → clusters: groups of accounts tied to each other more than to the rest.

Leiden (Traag, Waltman, van Eck 2019, as networkit's ParallelLeiden, one thread, fixed order: the same links always give
the same clusters) with a resolution below 1, because a large campaign must not fall apart into its card batches.
Whether a cluster is more than chance is asked by drawing the holders of every shared value from all accounts at random,
each value keeping its number of holders, and clustering again: a cluster counts only if its ties outweigh the heaviest
cluster of nearly every draw, which controls the error over all clusters at once. Accounts do not keep their number of
values: in a log where the campaign holds most shared values, that would hand them back to it (tried: a planted campaign
of 30 among 400 was then no heavier than chance).
"""

from __future__ import annotations

import networkit
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Clusters, Links

_MARKS_A_HOLDING = 16  # marks for each holding, so that few pairs share one by chance
_MOST_MARKS = 27  # doublings: 134 million marks, a byte each


def clusters(links: pa.Table, holders: pa.Table, links_config: Links, config: Clusters, seed: int) -> pa.Table:
    """One row per account that is in a cluster of at least two (tables.CLUSTERS)."""
    names, a, b, weight = _pairs(links)
    if len(names) == 0:
        return tables.CLUSTERS.schema.empty_table()
    member = _communities(len(names), a, b, weight, config)
    heaviest = _heaviest_by_chance(holders, links_config, config, seed)
    inside = member[a] == member[b]
    bits = np.bincount(member[a][inside], weight[inside], minlength=member.max() + 1)
    own = np.bincount(a[inside], weight[inside], minlength=len(names)) + np.bincount(
        b[inside], weight[inside], minlength=len(names)
    )
    partners = np.bincount(a[inside], minlength=len(names)) + np.bincount(b[inside], minlength=len(names))
    size = np.bincount(member)
    p_value = (1 + (heaviest[None, :] >= bits[:, None]).sum(axis=1)) / (len(heaviest) + 1)
    keep = np.flatnonzero(size[member] >= 2)
    order = keep[np.lexsort((keep, member[keep], -size[member[keep]]))]
    rank = {number: place + 1 for place, number in enumerate(dict.fromkeys(member[order].tolist()))}
    return pa.table(
        {
            "account_id": names.take(pa.array(order)),
            "cluster_id": [f"G-{rank[number]:05d}" for number in member[order].tolist()],
            "cluster_accounts": size[member[order]].astype(np.int64),
            "cluster_bits": bits[member[order]],
            "chance_p": p_value[member[order]],
            "partners": partners[order].astype(np.int64),
            "tie_bits": own[order],
        },
        schema=tables.CLUSTERS.schema,
    )


def _pairs(links: pa.Table) -> tuple[pa.Array, np.ndarray, np.ndarray, np.ndarray]:
    """Account names, and one weighted pair of their positions per linked pair."""
    total = (
        links.group_by(["account_a", "account_b"])
        .aggregate([("weight", "sum")])
        .sort_by([("account_a", "ascending"), ("account_b", "ascending")])
    )
    ends = pa.chunked_array([*total["account_a"].chunks, *total["account_b"].chunks], pa.string())
    names = pc.unique(ends).sort()
    a = pc.index_in(total["account_a"], names).to_numpy().astype(np.int64)
    b = pc.index_in(total["account_b"], names).to_numpy().astype(np.int64)
    return names, a, b, total["weight_sum"].to_numpy()


def _communities(nodes: int, a: np.ndarray, b: np.ndarray, weight: np.ndarray, config: Clusters) -> np.ndarray:
    networkit.engineering.setNumberOfThreads(1)
    networkit.engineering.setSeed(1, False)
    graph = networkit.GraphFromCoo((weight, (a, b)), n=nodes, weighted=True, directed=False)
    leiden = networkit.community.ParallelLeiden(
        graph, randomize=False, iterations=config.iterations, gamma=config.resolution
    )
    leiden.run()
    return np.unique(np.asarray(leiden.getPartition().getVector()), return_inverse=True)[1]


def _heaviest_by_chance(holders: pa.Table, links: Links, config: Clusters, seed: int) -> np.ndarray:
    """Total bits of the heaviest cluster in each of `shuffles` draws of who holds what."""
    if len(holders) == 0:
        return np.zeros(config.shuffles)
    kinds, kind = np.unique(holders["kind"].to_numpy(), return_inverse=True)
    joined = pc.binary_join_element_wise(holders["kind"], holders["value"], "\x1f").combine_chunks()
    value = joined.dictionary_encode().indices.to_numpy().astype(np.int64)
    bits = holders["bits"].to_numpy()
    families = holders["family"].to_numpy()
    family_of = np.array([families[np.flatnonzero(kind == one)[0]] for one in range(len(kinds))])
    everybody = int(pc.max(holders["population"]).as_py())
    random = np.random.default_rng(seed)
    heaviest = np.zeros(config.shuffles)
    for turn in range(config.shuffles):
        drawn = random.integers(everybody, size=len(value))
        a, b, weight = drawn_links(drawn, value, kind, bits, family_of, links)
        if len(a):
            member = _communities(everybody, a, b, weight, config)
            inside = member[a] == member[b]
            heaviest[turn] = np.bincount(member[a][inside], weight[inside]).max(initial=0.0)
    return heaviest


def drawn_links(
    account: np.ndarray, value: np.ndarray, kind: np.ndarray, bits: np.ndarray, family_of: np.ndarray, links: Links
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What links/pairs.py does in SQL, on arrays of holdings: pairs of accounts and their total bits."""
    order = np.lexsort((account, value))
    account, value, kind, bits = account[order], value[order], kind[order], bits[order]
    holders = np.bincount(value)
    expected = np.bincount(kind, holders[value]) / np.bincount(kind).astype(float) ** 2  # Σ d²/D², by kind
    families, family = np.unique(family_of, return_inverse=True)
    alone = np.array([links.family_bits(one) >= links.min_bits for one in families])  # enough for a pair by itself
    of_family = family[kind]
    by = _families_met(account, value, of_family, links.neighbours)
    packed, of_kind, weights = [], [], []
    for step in range(1, links.neighbours + 1):
        first, pair = _met(account, value, step)
        # Millions meet by one family that is not enough alone: they would be sorted and counted for nothing.
        kept = alone[of_family[first]] | (by[_mark(pair, len(by))] > 1)
        packed.append(pair[kept])
        of_kind.append(kind[first[kept]])
        weights.append(bits[first[kept]])
    pair, pair_kind = np.concatenate(packed), np.concatenate(of_kind)
    order = np.lexsort((pair_kind, pair))
    pair, pair_kind, weight = pair[order], pair_kind[order], np.concatenate(weights)[order]
    first = np.flatnonzero(np.r_[True, (pair[1:] != pair[:-1]) | (pair_kind[1:] != pair_kind[:-1])][: len(pair)])
    if len(first) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    shared = np.diff(np.r_[first, len(pair)])
    rarity = np.add.reduceat(weight, first)
    pair, pair_kind = pair[first], pair_kind[first]
    held = np.bincount(account * len(family_of) + kind, minlength=(int(account.max()) + 1) * len(family_of))
    a, b = pair >> 32, pair & 0xFFFFFFFF
    chance = held[a * len(family_of) + pair_kind] * held[b * len(family_of) + pair_kind] * expected[pair_kind]
    surprise = np.where(shared > chance, (shared * np.log(shared / chance) - shared + chance) / np.log(2), 0.0)
    weight = np.minimum(rarity, surprise)
    pairs, number = np.unique(pair, return_inverse=True)
    together = np.zeros((len(pairs), len(families)))
    np.add.at(together, (number, family[pair_kind]), weight)
    total = np.minimum(together, [links.family_bits(one) for one in families]).sum(axis=1)
    keep = total >= links.min_bits
    return pairs[keep] >> 32, pairs[keep] & 0xFFFFFFFF, total[keep]


def _families_met(account: np.ndarray, value: np.ndarray, family: np.ndarray, neighbours: int) -> np.ndarray:
    """By how many families pairs meet: at least that of a pair, at its mark; more where another pair has the same mark."""
    by = np.zeros(1 << min(_MOST_MARKS, (_MARKS_A_HOLDING * len(value)).bit_length()), np.uint8)
    for one in range(family.max(initial=-1) + 1):
        mine = family == one
        of, what = account[mine], value[mine]
        marked = np.zeros(len(by), np.bool_)
        for step in range(1, neighbours + 1):
            marked[_mark(_met(of, what, step)[1], len(by))] = True
        by += marked
    return by


def _met(account: np.ndarray, value: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Holdings whose holder meets another `step` places on in the same value, and the pair of both accounts as one number."""
    same = np.flatnonzero((value[step:] == value[:-step]) & (account[step:] != account[:-step]))
    return same, (account[same] << 32) | account[same + step]


def _mark(pair: np.ndarray, marks: int) -> np.ndarray:
    """A pair's place among so many marks, a power of two; two pairs may share one (Fibonacci hashing)."""
    shift = np.uint64(64 - (marks.bit_length() - 1))
    return (pair.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> shift
