"""Runs a detector as a process of its own, under a time limit, and says how it went."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).with_name("launch.py")
TAIL = 2_000  # characters of stderr that are kept of a failure: the last lines of a traceback


@dataclass(frozen=True)
class Ran:
    """One run of a program."""

    seconds: float
    peak_bytes: int
    problem: str = ""  # empty after success
    over_limit: bool = False


def run_program(command: Sequence[str], codes: Sequence[int], limit: float, scratch: Path) -> Ran:
    """What it prints goes to files in `scratch`: stdout and stderr are the benchmark's own."""
    scratch.mkdir(parents=True, exist_ok=True)
    report, said = scratch / "launched.json", scratch / "stderr.txt"
    report.unlink(missing_ok=True)
    launched = [sys.executable, "-I", "-S", str(LAUNCHER), str(report), *command]
    with (scratch / "stdout.txt").open("wb") as out, said.open("wb") as err:
        process = subprocess.Popen(
            launched, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )  # a session of its own, so that what the program started ends with it
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            return Ran(limit, 0, f"ran for more than {limit:g} s and was ended", over_limit=True)
        finally:
            _end(process)
    told: dict[str, Any] = {"problem": "it could not be started"}
    if report.exists():
        told = json.loads(report.read_bytes())
    if "problem" in told:
        return Ran(0.0, 0, told["problem"])
    problem = "" if told["exit_code"] in codes else f"exit code {told['exit_code']}: {_tail(said)}"
    return Ran(told["seconds"], told["peak_bytes"], problem)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it outlives its turn, or it would be measured in the time of the next."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(file: Path) -> str:
    text = file.read_bytes()[-4 * TAIL :].decode("utf-8", "replace").strip()
    return text[-TAIL:] or "it said nothing on stderr"
