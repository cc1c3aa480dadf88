"""FRAUDAR against its definition, and on a planted block among popular values."""

from __future__ import annotations

from itertools import combinations
from math import log
from pathlib import Path

import numpy as np
import pytest
from peer_logs import exchange, opened

from bench.peers.fraudar import densest, fraudar


def density(edges: list[tuple[int, int]], weight: dict[int, float], accounts: set[int], values: set[int]) -> float:
    return sum(weight[v] for a, v in edges if a in accounts and v in values) / max(len(accounts) + len(values), 1)


def peeled(edges: list[tuple[int, int]], weight: dict[int, float]) -> float:
    """Algorithm 1 as it is written: at every step the node whose removal costs least, found by trying."""
    accounts, values = {a for a, _ in edges}, {v for _, v in edges}
    best = density(edges, weight, accounts, values)
    while len(accounts) + len(values) > 1:
        costs = [(sum(weight[v] for x, v in edges if x == a and v in values), 0, a) for a in accounts]
        costs += [(sum(weight[v] for a, y in edges if y == v and a in accounts), 1, v) for v in values]
        _, side, node = min(costs)
        (values if side else accounts).discard(node)
        best = max(best, density(edges, weight, accounts, values))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_greedy_search_is_the_paper_s_and_keeps_its_promise(seed: int) -> None:
    random = np.random.default_rng(seed)
    edges = sorted({(int(a), int(v)) for a, v in random.integers(0, 5, (13, 2))})
    account, value = np.array([a for a, _ in edges]), np.unique([v for _, v in edges], return_inverse=True)[1]
    edges = list(zip(account.tolist(), value.tolist(), strict=True))
    weight = {v: 1 / log(5 + sum(y == v for _, y in edges)) for v in set(value.tolist())}
    held, inside = densest(account, value, 5)
    found = density(edges, weight, {a for a in range(5) if inside[a]}, {v for v in weight if inside[5 + v]})
    everyone, everything = sorted(set(account.tolist())), sorted(weight)
    best = max(
        density(edges, weight, set(some), set(those))
        for many in range(1, 6) for some in combinations(everyone, many)
        for much in range(1, 6) for those in combinations(everything, much)
    )  # fmt: skip
    assert found == pytest.approx(held.max())
    assert found == pytest.approx(peeled(edges, weight))
    assert best / 2 <= found <= best + 1e-9  # the paper's bound for the greedy search


def test_a_block_is_found_under_camouflage(tmp_path: Path) -> None:
    """Ten accounts share ten addresses, and like all the others use five of the twenty that everybody uses."""
    random = np.random.default_rng(7)
    popular = [f"198.51.100.{number}" for number in range(20)]
    names = [f"ring{number}" for number in range(10)] + [f"user{number:03}" for number in range(190)]
    rows = [exchange(name, client_ip=str(one)) for name in names for one in random.choice(popular, 5, replace=False)]
    rows += [exchange(f"ring{number}", client_ip=f"192.0.2.{one}") for number in range(10) for one in range(10)]
    log_of_all = opened(tmp_path, rows)
    found = fraudar(log_of_all)
    first = [name for name, block in zip(log_of_all.accounts, found.campaign, strict=True) if block == "block 0"]
    assert first == [f"ring{number}" for number in range(10)]
    assert min(found.score[:10]) > max(found.score[10:])


def test_every_kind_of_value_counts_and_a_value_of_one_account_does_not(tmp_path: Path) -> None:
    shared = {"payment_fingerprint": "p", "device_fingerprint": "d"}
    accounts = [{"account_id": f"a{one}", "signup_ip": f"192.0.2.{one}", **shared} for one in range(4)]
    alone = [exchange("alone", client_ip=f"203.0.113.{one}") for one in range(200)]
    rows = [exchange(f"a{one}", system="s", tls_fingerprint="t", client_ip="192.0.2.200") for one in range(4)]
    log_of_all = opened(tmp_path, rows + alone, [*accounts, {"account_id": "b", "signup_ip": "198.51.100.1"}])
    found = fraudar(log_of_all)
    assert dict(zip(log_of_all.accounts, found.flagged.tolist(), strict=True)) == {
        "a0": True, "a1": True, "a2": True, "a3": True, "alone": False, "b": False,
    }  # fmt: skip
    assert found.score[0] == pytest.approx(4 * 6 / log(9) / (4 + 6))


def test_the_next_block_is_looked_for_without_the_first(tmp_path: Path) -> None:
    rows = [exchange(f"a{one}", client_ip=f"192.0.2.{place}") for one in range(9) for place in range(9)]
    rows += [exchange(f"b{one}", client_ip=f"198.51.100.{place}") for one in range(8) for place in range(8)]
    rows += [exchange(f"c{one}", client_ip="203.0.113.1") for one in range(2)]
    log_of_all = opened(tmp_path, rows)
    blocks = dict(zip(log_of_all.accounts, fraudar(log_of_all).campaign, strict=True))
    assert (blocks["a0"], blocks["b0"], blocks["c0"]) == ("block 0", "block 1", None)
