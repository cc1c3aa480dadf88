"""A program run and measured: success, failure, limit, memory."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from stillwatch.benchmark.program import run_program

MIB = 2**20  # bytes


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def test_success_is_an_exit_code_that_is_allowed(tmp_path: Path) -> None:
    assert run_program(python("pass"), [0], 20, tmp_path).problem == ""
    assert run_program(python("raise SystemExit(13)"), [0, 13], 20, tmp_path).problem == ""


@pytest.mark.parametrize(
    "command, said",
    [
        (python("import sys; print('x' * 9000, file=sys.stderr); sys.exit('the last line')"), "the last line"),
        (python("raise SystemExit(3)"), "exit code 3: it said nothing on stderr"),
        (python("import os; os.kill(os.getpid(), 9)"), "exit code -9"),
        (["/no/such/program"], "/no/such/program: No such file"),
    ],
)
def test_a_failure_is_told_with_the_end_of_stderr(tmp_path: Path, command: list[str], said: str) -> None:
    ran = run_program(command, [0], 20, tmp_path)
    assert said in ran.problem and len(ran.problem) < 2_100 and not ran.over_limit


def test_over_the_limit_it_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess, time; p = subprocess.Popen(['sleep', '60']); open('{}', 'w').write(str(p.pid)); time.sleep(60)"
    started = time.perf_counter()
    ran = run_program(python(code.format(tmp_path / "pid")), [0], 1.0, tmp_path)
    assert ran.over_limit and "more than 1 s" in ran.problem
    assert time.perf_counter() - started < 10
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.05)
    raise AssertionError("what it started still runs")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_memory_is_that_of_the_program_and_not_of_the_benchmark(tmp_path: Path) -> None:
    held = bytearray(300 * MIB)  # by this process; a child that is forked from it would begin with that as its peak
    held[::4096] = b"x" * len(held[::4096])
    small = run_program(python("import time; time.sleep(0.2)"), [0], 20, tmp_path)
    large = run_program(python("x = bytearray(200_000_000); x[::4096] = b'x' * len(x[::4096])"), [0], 20, tmp_path)
    assert small.peak_bytes < 60 * MIB < 200_000_000 <= large.peak_bytes < 300 * MIB
    assert 0.2 <= small.seconds < 5
