"""Co-action on real sets (bench/coordination.py): who did the same at nearly the same time; beside QUT's toolkit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import coordination
from bench.side_by_side.comparison import Asked, Comparison
from bench.side_by_side.contender import Contender
from stillwatch.config import Config
from stillwatch.run import Place, link

WINDOWS = (10, 60)  # seconds, of the peer; ours tells by itself what is usual
SIDES = ("account_a", "account_b")
TWICE = 2  # pairs that met once are chance more often than not


def inputs_of(path: Path) -> Any:
    def inputs(folder: Path, asked: Asked) -> dict[str, Any]:
        rows = coordination.as_log(path, folder)
        coordination.as_rows(folder)
        shutil.rmtree(folder / "out", ignore_errors=True)
        link(Place(folder / "log", folder / "out"), Config())
        (folder / "tables").mkdir(exist_ok=True)
        for name in ("evidence", "registered"):
            shutil.copy(folder / f"out/tables/{name}.parquet", folder / "tables")
        return {"rows": rows}

    return inputs


def quality(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    """There are no labels: pairs; those of the peer that met twice, and how many of these are in one of our clusters."""
    found = pq.read_table(row["answer"])
    if "times" not in found.column_names:
        return {"pairs": len(found.group_by(["account_a", "account_b"]).aggregate([]))}
    twice = found.filter(pc.greater_equal(found["times"], TWICE))
    clusters = pq.read_table(folder / "out/clusters.parquet", columns=["account_id", "cluster_id"])
    of = dict(zip(clusters["account_id"].to_pylist(), clusters["cluster_id"].to_pylist(), strict=True))
    ours = [of.get(a, "") == of.get(b) for a, b in zip(*(twice[side].to_pylist() for side in SIDES), strict=True)]
    return {"pairs": len(found), "met_twice": len(twice), "of_these_together_with_us": sum(ours)}


def _of(path: Path) -> Comparison:
    return Comparison(
        f"coaction_{path.stem}",
        "Rows of who did what when, to pairs of accounts. The toolkit's network has no test of chance, ours has.",
        "tables/evidence.parquet",
        inputs_of(path),
        (
            Contender("stillwatch", "stillwatch", "stillwatch.pairing"),
            *(
                Contender(f"QUT, {seconds} s", "coordination-network-toolkit", "qut.pairing", {"seconds": seconds})
                for seconds in WINDOWS
            ),
        ),
        quality,
        {"coordination-network-toolkit": 1.0},
    )


ALL = tuple(_of(path) for path in sorted(coordination.COORDINATION.glob("*.parquet")))
