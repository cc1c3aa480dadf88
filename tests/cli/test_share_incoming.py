"""`share import`, `received`, `trust`, `indicators`, `forget`: from a bundle to the table that scans read, by --yes alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sharing.incoming.told_here import bundle, indicator, opinion

SOURCES = '[sources.north]\nname = "North <b>"\ntrust = 0.7\n[sources.feed]\ntrust = 0.4\n'
AS_OF = ("--now", "2026-11-20")


def test_from_a_bundle_to_a_table(stillwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES)
    shown = indicator("one", "t13d_x")
    (tmp_path / "good.json").write_bytes(bundle(shown, {"type": "indicator"}))
    (tmp_path / "doubt.json").write_bytes(bundle(opinion("no", shown)))
    state, out = ("--state", tmp_path), tmp_path / "log/indicators.parquet"

    def told(*words: object) -> tuple[int, str, str]:
        found: tuple[int, str, str] = stillwatch("share", *words, *state)
        return found

    code, said, error = told("import", tmp_path / "good.json", "--from", "north", *AS_OF)
    assert code == 13 and "new: 1 indicator" in said and "say --yes" in error
    assert told("indicators", "--out", out, *AS_OF)[0] == 0 and pq.read_table(out).num_rows == 0
    for name, source in (("good", "north"), ("doubt", "feed")):
        told("import", tmp_path / f"{name}.json", "--from", source, "--yes", *AS_OF)
    assert "strongly disagree, says feed" in told("received", "--conflicts", "--json", *AS_OF)[1]
    told("indicators", "--out", out, *AS_OF)
    (row,) = pq.read_table(out).to_pylist()
    assert (row["type"], row["value"], row["source"], row["confidence"]) == ("tls", "t13d_x", "North <b>", 40)
    assert told("trust", "t13d_x", "--as", "benign", "--why", "ours", "--yes", *AS_OF)[0] == 0
    told("indicators", "--out", out, *AS_OF)
    assert pq.read_table(out).num_rows == 0
    assert "would be forgotten" in told("forget", "north")[2] and told("forget", "north", "--yes")[0] == 0
    assert told("received", "--json", *AS_OF)[1].count('"kind"') == 0
    assert told("import", tmp_path / "good.json", "--from", "nobody")[0] == 12
