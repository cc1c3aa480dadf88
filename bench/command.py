"""The program as its users start it, for benches that measure the whole of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STILLWATCH = str(Path(sys.executable).with_name("stillwatch"))
DONE = (0, 13)  # exit codes of a run that has an answer


def run(*arguments: object) -> None:
    """Run a command quietly; ends the bench with what it said when there is no answer."""
    words = [STILLWATCH, *map(str, arguments)]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode not in DONE:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
