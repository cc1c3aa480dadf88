"""How many megabytes of text a second one core fingerprints.

    python -m bench.fingerprints

Real prompts from $STILLWATCH_DATA where there are some, else made sentences; one thread.
"""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DATA
from stillwatch.config import Text
from stillwatch.signals.sketch import sketches

PROMPTS = DATA / "prompts"
BYTES = 40_000_000  # long enough for the clock, short enough to wait for
REPEATS = 7  # the best of these: other work on the machine only ever slows a run down


def main() -> None:
    texts, source = _texts()
    sketches(texts[:10], Text())  # compiled, or loaded, before the clock starts
    seconds = min(_seconds(texts) for _ in range(REPEATS))
    size = pa.compute.sum(pa.compute.binary_length(texts)).as_py()
    print(f"{source}: {len(texts):,} texts, {size / 1e6:.0f} MB, {size / 1e6 / seconds:.0f} MB/s on one core")


def _seconds(texts: pa.Array) -> float:
    start = time.process_time()
    sketches(texts, Text())
    return time.process_time() - start


def _texts() -> tuple[pa.Array, str]:
    if PROMPTS.is_dir():
        found = [pq.read_table(path)["prompt"].combine_chunks() for path in sorted(PROMPTS.glob("*.parquet"))]
        source = "real prompts"
    else:
        random = np.random.default_rng(1)
        words = np.array([f"w{number:x}" for number in range(5_000)])
        found = [pa.array([" ".join(random.choice(words, 90)) for _ in range(5_000)])]
        source = "made sentences"
    once = sum(pa.compute.sum(pa.compute.binary_length(one)).as_py() for one in found)
    return pa.concat_arrays(found * max(1, BYTES // once)), source


if __name__ == "__main__":
    main()
