"""Run one peer on one log folder: python -m bench.peers --help."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path

from bench.peers import PEERS
from bench.peers.log import Log


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("name", choices=sorted(PEERS))
    parser.add_argument("log", type=Path, help="log folder")
    parser.add_argument("out", type=Path, help="folder to write accounts.parquet into")
    parser.add_argument("--benign", type=Path, help="log folder without campaigns: the history before this log")
    parser.add_argument("--as-of", type=datetime.fromisoformat, help="nothing of the log that is later is read")
    asked = parser.parse_args(given)
    start = time.perf_counter()
    module, function = PEERS[asked.name].split(":")
    peer = getattr(import_module(f"bench.peers.{module}"), function)
    log = Log(asked.log, asked.as_of)
    # History lies before the log, whatever dates a made one carries: `--as-of` does not shorten it.
    found = peer(log, Log(asked.benign) if asked.benign else None)
    found.write(log, asked.out)
    flagged = int(found.flagged.sum())
    print(f"{asked.name}: {flagged:,} of {len(log):,} accounts, {time.perf_counter() - start:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
