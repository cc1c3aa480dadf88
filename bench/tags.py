"""How well the tags fit prompts whose capability is known, and how fast they are.

    python bench/tags.py [--speed]

Reads $STILLWATCH_DATA/prompts (default ../shared/data beside the repository). `top`: the declared capability came out
first; `seen`: it was among those found; then shares of rows with an elicitation tag, and the commonest capabilities.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DATA
from stillwatch.config import Text
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.signals import lexicon
from stillwatch.signals.automaton import build
from stillwatch.signals.phrases import find
from stillwatch.signals.tags import tags

PROMPTS = DATA / "prompts"
SPEED_BYTES = 40_000_000  # long enough for the clock, short enough to wait for
REPEATS = 5  # the best of these: other work on the machine only ever slows a run down


def main() -> int:
    if not PROMPTS.is_dir():
        print(f"no prompts at {PROMPTS}: set STILLWATCH_DATA", file=sys.stderr)
        return 10
    tables = [pq.read_table(path) for path in sorted(PROMPTS.glob("*.parquet"))]
    if "--speed" in sys.argv:
        speed(tables)
    else:
        fit(tables)
    return 0


def fit(tables: list[pa.Table]) -> None:
    print(f"{'kind':14} {'source':25} {'capability':15} {'rows':>6}   top  seen   cot rubric trace  top capabilities")
    by_kind: dict[str, list[np.ndarray]] = {}
    for table in sorted(tables, key=lambda one: (one["kind"][0].as_py(), one["source"][0].as_py())):
        kind, source, declared = (table[name][0].as_py() for name in ("kind", "source", "capability"))
        found = tags(_whole(table["system"]), _whole(table["prompt"]), None)
        top, among, elicited = (np.asarray(one) for one in (found.capability, found.capabilities, found.elicitation))
        shares = [(elicited >> bit & 1).mean() for bit in range(len(ELICITATIONS))]
        by_kind.setdefault(kind, []).append(elicited)
        hits = "    -     -"
        if declared in CAPABILITIES:
            number = CAPABILITIES.index(declared)
            hits = f"{(top == number).mean():5.0%} {(among >> number & 1).mean():5.0%}"
        common = ", ".join(f"{CAPABILITIES[c]} {n / len(top):.0%}" for c, n in Counter(top.tolist()).most_common(4))
        rates = " ".join(f"{share:5.1%}" for share in shares)
        print(f"{kind:14} {source:25} {declared:15} {len(top):6} {hits} {rates}  {common}")
    for kind, parts in sorted(by_kind.items()):
        rows = np.concatenate(parts)
        rates = ", ".join(f"{name} {(rows >> bit & 1).mean():.2%}" for bit, name in enumerate(ELICITATIONS))
        print(f"{kind}: {len(rows)} rows, {rates}")


def speed(tables: list[pa.Table]) -> None:
    automaton = build(lexicon.prompts())
    size = f"{len(automaton.phrase)} states, {automaton.table.nbytes / 1e6:.1f} MB"
    print(f"{len(lexicon.prompts().phrases)} phrases, {size}")
    for table in tables:
        texts = _whole(table["prompt"])
        if texts.nbytes < SPEED_BYTES / 200:
            continue  # a few rows repeated would measure the cache
        texts = pa.concat_arrays([texts] * max(1, SPEED_BYTES // texts.nbytes))
        seconds = {
            "kernel": _best(lambda texts=texts: find(texts, automaton, Text().max_bytes)),
            "tags": _best(lambda texts=texts: tags(pa.nulls(len(texts), pa.string()), texts, None)),
        }
        rates = "  ".join(
            f"{name} {texts.nbytes / s / 1e6:4.0f} MB/s {len(texts) / s:9,.0f} rows/s" for name, s in seconds.items()
        )
        print(f"{table['source'][0].as_py():25} {texts.nbytes // len(texts):5} bytes a row  {rates}")


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


if __name__ == "__main__":
    raise SystemExit(main())
