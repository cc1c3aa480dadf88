"""A watch of one look in a process that is killed at a step on the file system: what the tests and the bench of it run.

    python bench/killed_at.py STEP SOURCE STATE KEY [--side FOLDER] [--batch-mib MIB]

Steps are counted by the interpreter's own audit events, so that nothing of ours is replaced: every file opened, renamed,
linked, truncated or removed is a place to die. Prints how many there were when it was not killed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Set
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillwatch.config import Config, Watch
from stillwatch.run.watching import SCHEME, Asked, topic_at, watch

NOW = datetime(2026, 9, 1, tzinfo=UTC)  # after everything in the logs of stories and of made worlds
STEPS = {"open", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.listdir"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", type=int)
    parser.add_argument("source")
    for name in ("state", "key"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--side", type=Path, default=Path())
    parser.add_argument("--batch-mib", type=int, default=Watch().batch_mib)
    options = parser.parse_args()
    count = 0
    here = os.path.abspath(options.state)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in STEPS and any(
            isinstance(one, str | Path) and os.path.abspath(one).startswith(here) for one in arguments
        ):
            count += 1
            if count == options.step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    day = timedelta(days=1)
    source = options.source
    followed = topic_at(source, options.side) if source.startswith(SCHEME) else Path(source)
    asked = Asked(followed, options.state, day, 3650 * day, options.key, once=True, clock=lambda: NOW)
    list(watch(asked, Config(watch=Watch(batch_mib=options.batch_mib))))
    print(count)


def told(rows: pa.Table, without: Set[str] = frozenset()) -> list[str]:
    """Rows to compare with another table's, in any order; floats to the ninth digit, for sums are added in another order."""
    kept = rows.drop_columns([name for name in rows.column_names if name in without])
    return sorted(json.dumps(_digits(row), default=str, sort_keys=True) for row in kept.to_pylist())


def _digits(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [_digits(one) for one in value]
    return {key: _digits(one) for key, one in value.items()} if isinstance(value, dict) else value


if __name__ == "__main__":
    main()
