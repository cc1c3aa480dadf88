"""A watch of one look in a process that is killed at a step on the file system: `killed_at.py STEP SOURCE STATE KEY [SIDE]`.

Steps are counted by the interpreter's own audit events, so that nothing of ours is replaced: every file opened, renamed,
linked, truncated or removed is a place to die. Prints how many there were when it was not killed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stillwatch.config import Config
from stillwatch.run.watching import SCHEME, Asked, topic_at, watch

NOW = datetime(2026, 3, 15, tzinfo=UTC)  # after everything in the log
STEPS = {"open", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.listdir"}


def main(step: int, source: str, state: str, key: str, side: str = ".") -> None:
    count = 0
    here = os.path.abspath(state)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in STEPS and any(
            isinstance(one, str | Path) and os.path.abspath(one).startswith(here) for one in arguments
        ):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    day = timedelta(days=1)
    followed = topic_at(source, Path(side)) if source.startswith(SCHEME) else Path(source)
    asked = Asked(followed, Path(state), day, 3650 * day, Path(key), once=True, clock=lambda: NOW)
    list(watch(asked, Config()))
    print(count)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
