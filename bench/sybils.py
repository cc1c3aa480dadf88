"""Precision and recall of `stillwatch link` on made airdrops, beside simple graph methods.

    python -m bench.sybils [--accounts 20000] [--seeds 2 3]

Worlds: bench/airdrop.py. An account is accused when its cluster's score for it is 0.5 or more, or, of the simple methods,
when its group has five accounts or more. `pairs`: of the pairs of accounts of one operator, those accused in one cluster.
`whole`: of the accused pairs in one cluster, those of one operator. In the last world nobody has an operator: whoever is
accused there is honest. The numbers of stillwatch were chosen on seed 1.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkit
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix, triu
from scipy.sparse.csgraph import connected_components

from bench.airdrop import STRUCTURES, airdrop
from stillwatch.config import Config
from stillwatch.run import Place, link

LEAST = 5  # accounts of an accused group of a simple method: fewer are families
EVEN = 0.5  # score from which an account is accused
HEAVIEST = 300  # holders above which Leiden's pairs of a value would not fit into memory
Groups = tuple[np.ndarray, np.ndarray]  # each account's group, -1 for none; whether it is accused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 3])
    parser.add_argument("--only", nargs="+", choices=list(METHODS), default=list(METHODS))
    options = parser.parse_args()
    print("| world | method | precision | recall | pairs | whole | accused |\n|---|---|---|---|---|---|---|")
    for structure in (*STRUCTURES, replace(STRUCTURES[3], name="nobody", share=0.0)):
        measured: dict[str, list[list[float]]] = {}
        for seed in options.seeds:
            rows, operators = airdrop(structure, options.accounts, seed)
            names, operator = np.array(list(operators)), np.array(list(operators.values()))
            for name in options.only:
                measured.setdefault(name, []).append(scores(*METHODS[name](rows, names), operator))
        for name, found in measured.items():
            print(f"| {structure.name} | {name} | " + " | ".join(_cell(column) for column in zip(*found, strict=True)) + " |",
                  flush=True)  # fmt: skip


def scores(group: np.ndarray, accused: np.ndarray, operator: np.ndarray) -> list[float]:
    guilty, hit = operator >= 0, accused & (operator >= 0)
    same = _pairs(group[hit] * len(operator) + operator[hit])
    return [
        _share(hit.sum(), accused.sum()), _share(hit.sum(), guilty.sum()), _share(same, _pairs(operator[guilty])),
        _share(same, _pairs(group[accused])), float(accused.sum()),
    ]  # fmt: skip


def stillwatch(rows: pa.Table, names: np.ndarray) -> Groups:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "log").mkdir()
        pq.write_table(rows, Path(folder) / "log/evidence.parquet")
        link(Place(Path(folder) / "log", Path(folder) / "out"), Config())
        found = pq.read_table(Path(folder) / "out/clusters.parquet")
    place = {name: number for number, name in enumerate(names.tolist())}
    at = [place[one] for one in found["account_id"].to_pylist()]
    group, accused = np.full(len(names), -1), np.zeros(len(names), bool)
    group[at] = np.unique(found["cluster_id"].to_numpy(), return_inverse=True)[1]
    accused[at] = found["score"].to_numpy() >= EVEN
    return group, accused


def components(limit: float) -> Callable[[pa.Table, np.ndarray], Groups]:
    def method(rows: pa.Table, names: np.ndarray) -> Groups:
        account, value, degree = _holdings(rows, names)
        kept = degree[value] <= limit
        size = len(names) + len(degree)
        graph = coo_matrix((np.ones(kept.sum()), (account[kept], len(names) + value[kept])), shape=(size, size))
        return _large(connected_components(graph, directed=False)[1][: len(names)])

    return method


def leiden(least: float) -> Callable[[pa.Table, np.ndarray], Groups]:
    def method(rows: pa.Table, names: np.ndarray) -> Groups:
        account, value, degree = _holdings(rows, names)
        kept = (degree[value] > 1) & (degree[value] <= HEAVIEST)
        weight = 1 / np.sqrt(degree[value[kept]] - 1.0)
        matrix = coo_matrix((weight, (account[kept], value[kept])), shape=(len(names), len(degree))).tocsr()
        ties = triu(matrix @ matrix.T, 1).tocoo()
        heavy = ties.data >= least
        ends = ties.row[heavy].astype(np.int64), ties.col[heavy].astype(np.int64)
        networkit.engineering.setSeed(1, False)
        graph = networkit.GraphFromCoo((ties.data[heavy], ends), n=len(names), weighted=True, directed=False)
        found = networkit.community.ParallelLeiden(graph, randomize=False, iterations=3)
        found.run()
        return _large(np.unique(np.asarray(found.getPartition().getVector()), return_inverse=True)[1])

    return method


def _holdings(rows: pa.Table, names: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(names)
    account = order[np.searchsorted(names[order], rows["account_id"].to_numpy())]
    values, value = np.unique(rows["value"].to_numpy().astype(str), return_inverse=True)
    once = np.unique(account.astype(np.int64) * len(values) + value)
    account, value = once // len(values), once % len(values)
    return account, value, np.bincount(value)


def _large(group: np.ndarray) -> Groups:
    return group, np.bincount(group)[group] >= LEAST


def _pairs(group: np.ndarray) -> float:
    many = np.unique(group, return_counts=True)[1].astype(float)
    return float((many * (many - 1) / 2).sum())


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _cell(column: tuple[float, ...]) -> str:
    mean = float(np.mean(column))
    return "–" if np.isnan(mean) else f"{mean:,.0f}" if max(column) > 1 else f"{mean:.3f}"


METHODS: dict[str, Callable[[pa.Table, np.ndarray], Groups]] = {
    "stillwatch": stillwatch,
    "components": components(float("inf")),
    "components, degree to 50": components(50),
    "components, degree to 10": components(10),
    "components, degree to 3": components(3),
    "Leiden, 1/(n-1) from 0.5": leiden(0.5),
    "Leiden, 1/(n-1) from 0.02": leiden(0.02),
}

if __name__ == "__main__":
    main()
