"""FRAUDAR: the densest blocks of accounts and the values they share, where values that everybody has count for little.

Source: Hooi, Song, Beutel, Shah, Shin, Faloutsos: FRAUDAR, Bounding Graph Fraud in the Face of Camouflage, KDD 2016,
algorithm 1 with logarithmic column weights, written anew. In the bipartite graph of accounts and values each edge weighs
1 / log(5 + degree of the value). Nodes are removed one at a time, always the one whose edges weigh least, and of all the
sets on the way the one with the greatest weight per node is the block. Its edges are taken out, and the search goes on.

Values: client addresses, cards, devices, the /24 (IPv6: the /48) at sign-up, TLS fingerprints, exact system prompts.
Adapted: values of one account alone are left out of the graph, as they tie nobody to anybody and only slow it down. How
many blocks to take is a choice: here all that are at least half as dense as the first. Node weights, for what is known of
an account or a value beforehand, are left at zero.
"""

from __future__ import annotations

import heapq
import math

import numpy as np

from bench.peers.log import Log
from bench.peers.verdicts import Verdicts

OFFSET = 5  # the paper's constant in log(x + c): keeps values of few accounts from weighing without bound
BLOCKS = 20  # at most; every search costs a pass over the graph
FADED = 0.5  # of the first block's density; a sparser block is the background
LEAST = 2  # accounts that share a value

EDGES = f"""
    WITH values AS (
        SELECT account, hash('address', client_ip) AS value FROM exchanges WHERE client_ip <> '' GROUP BY ALL
        UNION ALL SELECT account, hash('tls', tls_fingerprint) FROM exchanges WHERE tls_fingerprint <> '' GROUP BY ALL
        UNION ALL SELECT account, hash('system', system) FROM exchanges WHERE system <> '' GROUP BY ALL
        UNION ALL SELECT account, hash('card', payment_fingerprint) FROM accounts WHERE payment_fingerprint <> ''
        UNION ALL SELECT account, hash('device', device_fingerprint) FROM accounts WHERE device_fingerprint <> ''
        UNION ALL SELECT account, hash('network', regexp_extract(signup_ip, '^(\\d+\\.\\d+\\.\\d+\\.|(\\w*:){{3}})'))
        FROM accounts WHERE regexp_matches(signup_ip, '^(\\d+\\.\\d+\\.\\d+\\.|(\\w*:){{3}})'))
    SELECT account, dense_rank() OVER (ORDER BY value) - 1 AS value FROM values
    QUALIFY count(*) OVER (PARTITION BY value) >= {LEAST} ORDER BY ALL"""


def fraudar(log: Log, benign: Log | None = None) -> Verdicts:
    """Score: density of the densest set in which a search still held the account; the campaign is its first block."""
    edges = log.columns(EDGES)
    account, value = edges["account"], edges["value"]
    score, block = np.zeros(len(log)), np.full(len(log), -1)
    floor = 0.0
    for number in range(BLOCKS):
        if len(account) == 0:
            break
        held, inside = densest(account, value, len(log))
        score = np.maximum(score, held)
        members = inside[: len(log)]
        if held.max() < floor:
            break
        floor = max(floor, FADED * held.max())
        block[members & (block < 0)] = number
        kept = ~(members[account] & inside[len(log) + value])
        account, value = account[kept], value[kept]
    return Verdicts(score, block >= 0, [None if one < 0 else f"block {one}" for one in block.tolist()])


def densest(account: np.ndarray, value: np.ndarray, accounts: int) -> tuple[np.ndarray, np.ndarray]:
    """For each account the density of the densest set that held it; for each node whether it is in the densest set.

    Nodes are the accounts and then the values. Nodes without an edge are no part of the graph.
    """
    nodes = accounts + int(value.max()) + 1
    degree = np.bincount(value)
    weight = 1.0 / np.log(degree[value] + OFFSET)
    beside: list[list[tuple[int, float]]] = [[] for _ in range(nodes)]
    for one, other, heavy in zip(account.tolist(), (accounts + value).tolist(), weight.tolist(), strict=True):
        beside[one].append((other, heavy))
        beside[other].append((one, heavy))
    load = [math.fsum(heavy for _, heavy in edges) for edges in beside]
    queue = [(load[node], node) for node in range(nodes) if beside[node]]
    heapq.heapify(queue)
    left, total = len(queue), float(weight.sum())
    there = [bool(edges) for edges in beside]
    removed: list[int] = []
    density = [total / left]
    while left > 1:
        heavy, node = heapq.heappop(queue)
        if not there[node] or heavy != load[node]:
            continue  # an entry from before the load fell
        there[node], left = False, left - 1
        total -= load[node]
        removed.append(node)
        density.append(total / left)
        for other, part in beside[node]:
            if there[other]:
                load[other] -= part
                heapq.heappush(queue, (load[other], other))
    best = np.maximum.accumulate(density)
    held = np.zeros(nodes)
    held[[node for node in range(nodes) if beside[node]]] = best[-1]
    held[removed] = best[:-1]  # what was removed first was held in all sets before that
    inside = np.array([bool(edges) for edges in beside])
    inside[removed[: int(np.argmax(density))]] = False
    return held[:accounts], inside
