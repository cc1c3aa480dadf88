"""What a scan on local Spark costs, stage by stage: CPU seconds of Spark and its Python workers, and bytes shuffled.

    python -m bench.on_spark [--scale 0.002] [--cores 2]

CPU seconds say more than seconds on a machine that does other things too. Numbers for docs/on-spark.md come from here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.run.progress import Silent
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Meter(Silent):
    """CPU seconds and time of each stage, by the kernel's count of this process and all below it."""

    stages: list[tuple[str, int, float, float, float]] = field(
        default_factory=list
    )  # name, rows, from, to, CPU seconds
    begun: tuple[float, float] = (0.0, 0.0)

    def begins(self, doing: str, total: int | None) -> None:
        self.begun = (time.time(), cpu_seconds())

    def ends(self, name: str, rows: int, seconds: float) -> None:
        since, used = self.begun
        self.stages.append((name, rows, since, time.time(), cpu_seconds() - used))


def cpu_seconds() -> float:
    """Of this process and everything it started, finished or not."""
    parents, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        values = text[text.rindex(")") + 2 :].split()
        parents[int(path.parent.name)] = int(values[1])
        used[int(path.parent.name)] = sum(map(int, values[11:15])) / TICKS  # with those of children that ended
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(used.get(pid, 0.0) for pid in ours)


def shuffled(events: Path) -> list[tuple[float, int]]:
    """(when, bytes) of every task that wrote for a shuffle, from Spark's own event log."""
    found = []
    for path in events.rglob("*"):
        if path.is_file() and not path.name.startswith((".", "appstatus")):
            for line in path.read_text().splitlines():
                event = json.loads(line)
                metrics = event.get("Task Metrics")
                if event["Event"] == "SparkListenerTaskEnd" and metrics:
                    written = metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                    found.append((event["Task Info"]["Finish Time"] / 1000, written))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--scale", type=float, default=0.002)
    asked.add_argument("--cores", type=int, default=2)
    given = asked.parse_args()
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "events").mkdir()
        made = make(folder, load("disclosure-2026-02", 0, []), scale=given.scale, seed=7)
        os.environ["PYSPARK_PYTHON"] = sys.executable
        session = (
            SparkSession.builder.master(f"local[{given.cores}]")
            .config("spark.driver.memory", "2g")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", str(given.cores))
            .config("spark.eventLog.enabled", "true")
            .config("spark.eventLog.compress", "false")
            .config("spark.eventLog.dir", (folder / "events").as_uri())
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        meter = Meter()
        outcome = scan(Place(folder / "log", folder / "out", engine="spark"), Config(), meter)
        sizes = {path.name: sum(one.stat().st_size for one in path.rglob("*")) for path in
                 (folder / "out/tables/spark").iterdir()}  # fmt: skip
        session.stop()
        tasks = shuffled(folder / "events")
        print(f"{'stage':20} {'rows':>10} {'seconds':>8} {'CPU s':>8} {'rows/CPU s':>11} {'shuffled B/exchange':>20}")
        for name, rows, since, until, used in meter.stages:
            written = sum(one for when, one in tasks if since <= when <= until) / made.exchanges
            print(
                f"{name:20} {rows:10,} {until - since:8.1f} {used:8.1f} {rows / max(used, 0.01):11,.0f} {written:20,.1f}"
            )
        total = sum(one for _, one in tasks) / made.exchanges
        print(f"{made.exchanges:,} exchanges; {total:,.0f} bytes shuffled an exchange")
        for one in outcome.stages:
            if one.get("collected_rows"):
                print(f"collected for {one['stage']}: {one['collected_rows']:,} rows, {one['collected_bytes']:,} bytes")
        for name, size in sorted(sizes.items(), key=lambda one: -one[1])[:5]:
            print(f"stored {name}: {size / made.exchanges:,.0f} bytes an exchange")


if __name__ == "__main__":
    main()
