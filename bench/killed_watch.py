"""A watch killed at random steps on the file system, again and again, and whether it ends as one scan does.

    python -m bench.killed_watch [--kills 20] [--seed 1] [--world NAME] [--scale 0.0005] [--exchanges 60000]

Pieces of a made world, cut to its first exchanges, come one after another. After each, a process absorbs and looks, and is
killed (SIGKILL) at a random step: at any file of the state that it opens, renames, links, truncates or removes. Then it is
started again, until every kill has been spent, and at last left to end. Every table of the result is compared with that of
a scan of the same rows, row by row.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.command import run
from bench.killed_at import NOW, told
from stillwatch.config import Config
from stillwatch.run import Place, scan

_PLACES = {"file", "chunk", "row"}  # where a row stood in what was read
BATCH_MIB = 1  # several batches a piece, so that there are more places to die


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", default="disclosure-2026-02")
    parser.add_argument("--scale", type=float, default=0.0005)
    parser.add_argument("--exchanges", type=int, default=60_000, help="how many, from the first on")
    parser.add_argument("--pieces", type=int, default=5)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world"
        sizes = ["--scale", options.scale, "--seed", options.seed]
        run("worlds", "make", world, "--world", options.world, *sizes, "--quiet")
        source, state, key, whole = (Path(folder) / name for name in ("source", "state", "key", "whole"))
        rows = fed(world / "log", source, options.exchanges)
        pq.write_table(rows, source / "exchanges/all.parquet")
        scan(Place(source, whole, key, as_of=NOW), Config())
        (source / "exchanges/all.parquet").unlink()
        killed, steps = 0, 0
        for piece in range(options.pieces):
            cut = rows.filter(pa.array([n % options.pieces == piece for n in range(len(rows))]))
            pq.write_table(cut, source / f"exchanges/{piece}.parquet")
            steps = steps or counted(source, state, key)
            while killed < options.kills * (piece + 1) // options.pieces:
                killed += survived(dice.randint(1, steps), source, state, key)
        counted(source, state, key)
        compared(state / "result", whole)
        print(
            f"killed {killed} times over {options.pieces} pieces of {len(rows):,} exchanges: every table as of one scan"
        )


def fed(log: Path, source: Path, exchanges: int) -> pa.Table:
    """A folder with the side tables, and the exchanges to come."""
    (source / "exchanges").mkdir(parents=True)
    for path in log.iterdir():
        if path.is_file():
            (source / path.name).write_bytes(path.read_bytes())
    whole = pa.concat_tables([pq.read_table(path) for path in sorted((log / "exchanges").iterdir())])
    return whole.sort_by("timestamp")[:exchanges]


def survived(step: int, source: Path, state: Path, key: Path) -> bool:
    """Whether a process was killed at this step; where it ended before, it counts for nothing."""
    ended = _child(step, source, state, key)
    if ended.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(f"ended with {ended.returncode} at step {step}:\n{ended.stderr}")
    return ended.returncode != 0


def counted(source: Path, state: Path, key: Path) -> int:
    """Left to end: how many steps there were."""
    ended = _child(0, source, state, key)
    if ended.returncode:
        raise SystemExit(f"ended with {ended.returncode}:\n{ended.stderr}")
    return int(ended.stdout)


def _child(step: int, *places: Path) -> subprocess.CompletedProcess[str]:
    batches = ["--batch-mib", str(BATCH_MIB)]
    command = [sys.executable, "-m", "bench.killed_at", str(step), *map(str, places), *batches]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compared(found: Path, wanted: Path) -> None:
    """Every table of the result, and those it was made from; they may come in any order."""
    names = ["accounts.parquet", "exchanges.parquet", "links.parquet"]
    names += [f"tables/{path.name}" for path in sorted((wanted / "tables").glob("*.parquet"))]
    for name in names:
        one, other = (told(pq.read_table(folder / name), _PLACES) for folder in (found, wanted))
        if one != other:
            raise SystemExit(f"{name} differs: {len(one):,} rows, {len(other):,} in the scan")


if __name__ == "__main__":
    main()
