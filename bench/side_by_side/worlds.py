"""A made world, scanned once: what accounts share, and their links, with the campaigns that were planted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq

from bench.side_by_side.comparison import Asked
from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

NAME = "disclosure-2026-02"  # three campaigns inside look-alikes


def scanned(asked: Asked) -> Path:
    """Folder of a scanned world, made when it is not there: `labels`, and `out/tables` as the flow made them."""
    folder = asked.work / f"world-{asked.scale:g}-{asked.seed}"
    if not (folder / "out/tables/links.parquet").exists():
        shutil.rmtree(folder, ignore_errors=True)
        make(folder, load(NAME), scale=asked.scale, seed=asked.seed)
        scan(Place(folder / "log", folder / "out"), Config())
        shutil.rmtree(folder / "log")
        for table in ("uses", "harvest", "account_prompts"):  # most of the room, and nobody reads them
            (folder / f"out/tables/{table}.parquet").unlink()
    return folder


def campaigns(folder: Path) -> dict[str, int]:
    """Accounts of planted campaigns, with the campaign's number."""
    labels = pq.read_table(folder / "labels/accounts.parquet", columns=["account_id", "campaign"]).to_pylist()
    names = sorted({row["campaign"] for row in labels if row["campaign"]})
    return {row["account_id"]: names.index(row["campaign"]) for row in labels if row["campaign"]}
