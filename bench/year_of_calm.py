"""How far honest groups come towards an alarm in a year of calm traffic, looked at again and again.

    python -m bench.year_of_calm [--scale 0.001] [--seed 331] [--every 14d] [--days 364]

A calm world is made for a year: the ordinary groups and look-alikes, no campaign. Each look is over everything since the
first day, so that what speaks against a group can only pile up. Any alarm is a false one; the settings promise how many a
year there may be. Prints, by look, the groups that were judged and the largest evidence against one of them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import yaml

from bench.command import run
from stillwatch.campaigns.alarm import threshold
from stillwatch.config import Config
from stillwatch.worlds import shipped

CALM = "calm-2026-02"
START = "2025-01-06"  # rows of the future are set aside, and a year has to be over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=331)
    parser.add_argument("--every", default="14d")
    parser.add_argument("--days", type=int, default=364)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world, year = Path(folder) / "world", Path(folder) / "year.yaml"
        year.write_text(yaml.safe_dump({**shipped.read(f"{CALM}.yaml"), "start": START, "days": options.days}))
        sizes = ["--scale", options.scale, "--seed", options.seed]
        run("worlds", "make", world, "--world", year, *sizes, "--quiet")
        run("replay", world / "log", "--out", world / "out", "--every", options.every, "--quiet")
        told(world / "out")


def told(out: Path) -> None:
    """A line a look, and whether the promise was kept."""
    looks: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in pq.read_table(out / "groups.parquet").to_pylist():
        looks[f"{row['at']:%Y-%m-%d}"].append((row["alarm_bits"], row["confidence"]))
    print(f"{'look':12}{'groups':>8}{'most evidence, bits':>22}{'highest confidence':>20}")
    for at, groups in sorted(looks.items()):
        print(
            f"{at:12}{len(groups):8d}{max(bits for bits, _ in groups):22.1f}{max(score for _, score in groups):20.4f}"
        )
    config = Config().alarms
    most = max(bits for groups in looks.values() for bits, _ in groups)
    accused = len(set(pq.read_table(out / "replay.parquet")["account_id"].to_pylist()))
    print(
        f"{len(looks)} looks; an alarm asks for {threshold(config):.1f} bits ({config.false_alarms_a_year:g} a year among "
        f"{config.groups_a_year:g} groups): at most {most:.1f} were seen. Accounts accused at any look: {accused}"
    )


if __name__ == "__main__":
    main()
