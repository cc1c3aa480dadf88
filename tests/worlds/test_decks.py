"""Decks: a queue sends each real row once before any comes again, and then in other words."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.worlds import load, make
from stillwatch.worlds.decks import rounds
from stillwatch.worlds.real import MAX_CHARACTERS, real_books

DATA = Path(os.environ.get("STILLWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
CAMPAIGNS = ("reasoning", "tools", "hydra")  # of the world that is made here
OURS = {  # capability, rows, source: a folder of prompts as the benchmark has it, in small
    "ordinary": ("ordinary", "chat", 50),
    "sums": ("distillation", "reasoning", 3_000),
    "autoj_gpt4_judge": ("distillation", "judging", 400),
    "snippets": ("distillation", "coding", 9_000),
    "seal_tools": ("distillation", "tool_use", 900),
    "metamath_rephrase": ("distillation", "data_generation", 700),
}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    for source, (kind, capability, size) in OURS.items():
        texts = [f"{source} row <{number}> {'x' * (7_000 if number == 0 else 9)}" for number in range(size)]
        columns = {"source": source, "kind": kind, "capability": capability, "system": None}
        table = pa.table({name: pa.array([value] * size, pa.string()) for name, value in columns.items()})
        pq.write_table(table.append_column("prompt", pa.array(texts)), folder / f"{source}.parquet")
    return folder


@pytest.fixture(scope="module")
def world(prompts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    make(out, load("disclosure-2026-02"), scale=0.001, seed=3, prompts=prompts)
    return out


def harvested(out: Path) -> pa.Table:
    labels = pq.read_table(out / "labels" / "exchanges.parquet")
    rows = pq.read_table(out / "log" / "exchanges", columns=["exchange_id", "timestamp", "prompt", "turn"])
    mine = rows.join(labels.filter(labels["harvested"]), "exchange_id", join_type="inner")
    return mine.filter(pc.equal(mine["turn"], 0)).sort_by("timestamp")


@pytest.mark.parametrize(("position", "rows", "before"), [(0, 10, 0), (9, 10, 0), (10, 10, 1), (25, 10, 2), (7, 0, 0)])
def test_rounds(position: int, rows: int, before: int) -> None:
    assert rounds(np.array([position]), np.array([rows])).tolist() == [before]


def test_a_row_belongs_to_one_campaign(prompts: Path) -> None:
    books = real_books(prompts, 3, CAMPAIGNS).books
    tools, hydra = (set(books[f"real_{name}_bare"]) for name in ("tools", "hydra"))
    assert not tools & hydra
    assert len(tools | hydra) == OURS["snippets"][2]
    assert 1.7 < len(hydra) / len(tools) < 2.4
    assert set(books["real_tools_bare"]) != set(real_books(prompts, 4, CAMPAIGNS).books["real_tools_bare"])


def test_rows_go_to_whoever_is_in_the_world(prompts: Path) -> None:
    books = real_books(prompts, 3, ("network", "north", "south")).books
    assert len(books["real_north_bare"]) == OURS["sums"][2]
    assert len(books["real_south_bare"]) == OURS["snippets"][2]
    assert not [name for name in books if name.startswith(("real_tools", "real_hydra", "real_reasoning"))]


@pytest.mark.parametrize(
    ("campaign", "source"),
    [("reasoning", "sums"), ("tools", "snippets"), ("hydra", "snippets"), ("hydra", "metamath_rephrase")],
)
def test_every_row_is_dealt_before_one_comes_again(world: Path, campaign: str, source: str) -> None:
    rows = harvested(world)
    mine = rows.filter(pc.equal(rows["campaign"], campaign))
    found = pc.extract_regex(mine["prompt"], rf"{source} row <(?P<row>\d+)>").drop_null()
    times = Counter(one["row"] for one in found.to_pylist())
    # Each row as often as every other, but for the unfinished round and the few items that are sent twice.
    assert max(times.values()) - min(times.values()) <= 3
    assert np.quantile(list(times.values()), 0.9) - np.quantile(list(times.values()), 0.1) <= 1


def test_a_row_that_comes_again_comes_in_other_words(world: Path) -> None:
    rows = harvested(world)
    for campaign in CAMPAIGNS:
        mine = rows.filter(pc.equal(rows["campaign"], campaign))
        # The sentences that a round puts in front are few: two rounds of the same row may draw the same one.
        assert len(pc.unique(mine["prompt"])) > 0.97 * len(mine), campaign


def test_repetition_and_cuts_are_written_down(world: Path) -> None:
    notes = json.loads((world / "labels" / "world.json").read_text())["real_prompts"]
    assert notes["cut_at_characters"] == MAX_CHARACTERS
    assert notes["cut_texts"]["real_reasoning_bare"] == notes["cut_texts"]["real_ordinary"] == 1
    assert notes["rows"]["real_ordinary"] == 50
    sums = notes["dealt"]["real_reasoning_bare"]
    assert sums["rows"] == 3_000
    assert sums["rounds"] == pytest.approx(sums["sent"] / 3_000, abs=0.01) and sums["rounds"] > 1


def test_published_prompts_and_traces_are_used_and_hardly_repeat(tmp_path: Path) -> None:
    if not (DATA / "prompts").is_dir():
        pytest.skip(f"no prompts under {DATA}")
    make(tmp_path, load("disclosure-2026-02"), scale=0.0005, seed=7, prompts=DATA / "prompts", traces=DATA / "traces")
    rows = harvested(tmp_path)
    for campaign in CAMPAIGNS:
        mine = rows.filter(pc.equal(rows["campaign"], campaign))
        assert len(pc.unique(mine["prompt"])) > 0.98 * len(mine), campaign
    sums = set(pq.read_table(DATA / "prompts" / "belle_school_math.parquet", columns=["prompt"])["prompt"].to_pylist())
    assert len(sums & set(rows["prompt"].to_pylist())) > 0.2 * len(sums)
