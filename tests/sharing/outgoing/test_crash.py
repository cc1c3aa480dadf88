"""Killed at any of its steps: nothing leaves without a line, no line says that something left which did not."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.sharing.outgoing import log, packages
from stillwatch.sharing.outgoing.release import release
from stillwatch.sharing.outgoing.withdraw import withdraw
from tests.sharing.drafts_here import AT, draft, state, write

STEPS = (
    "open",
    "os.link",
    "os.rename",
    "os.remove",
    "os.truncate",
)  # what a process does to files, as Python audits it
MOST = 200


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do it in a process of its own, which is killed before its so-manieth step; whether it was."""
    child = os.fork()
    if child == 0:
        seen = 0

        def count(event: str, _: object) -> None:
            nonlocal seen
            seen += event in STEPS
            if seen == step and event in STEPS:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            work()
        finally:
            os._exit(0)
    _, ended = os.waitpid(child, 0)
    return os.WIFSIGNALED(ended)


def begun(folder: Path) -> tuple[Path, str]:
    here = state(folder / "sharing")
    package = packages.propose(here, write(folder / "draft.json", draft()), "northwind", "Ada", 14, AT).package
    packages.decide(here, package, "", "approved", "Ben", "read", AT)
    return here, package


def unsent(*_: object) -> None:
    raise AssertionError("nothing goes by TAXII here")


def lines(here: Path, kind: str) -> list[dict[str, str]]:
    """Hashes of files by name, of the lines of a kind. A line that was broken off was never written."""
    whole = (here / log.FILE).read_bytes()
    rows = [json.loads(row) for row in whole[: whole.rfind(b"\n") + 1].splitlines()]
    return [row["files"] for row in rows if row["kind"] == kind]


def outbox(here: Path) -> dict[str, str]:
    there = (here / "outbox/northwind").glob("[!.]*")
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in there}


def test_a_release_that_is_killed(tmp_path: Path) -> None:
    killed = 0
    for step in range(1, MOST):
        folder = tmp_path / str(step)
        folder.mkdir()
        here, package = begun(folder)

        def work(here: Path = here, package: str = package) -> object:
            return release(here, package, "", "file", None, "Ada", AT, unsent, True)

        alive = not killed_at(step, work)
        left = outbox(here)
        assert not left or left in lines(here, "releasing")
        assert all(told == left for told in lines(here, "released"))
        if alive:
            break
        killed += 1
        if not lines(here, "released"):
            assert work() is not None  # said again, it ends
        assert lines(here, "released") == [outbox(here)] and len(outbox(here)) == 1
        chain = log.chain(here)
        (one,) = log.standings(chain.read(), chain).values()
        assert one.state(AT) == "released"
    assert killed >= 10 and lines(here, "released")


def test_a_withdrawal_that_is_killed(tmp_path: Path) -> None:
    killed = 0
    for step in range(1, MOST):
        folder = tmp_path / str(step)
        folder.mkdir()
        here, package = begun(folder)
        for how in ("file", "csv"):
            release(here, package, "", how, None, "Ada", AT, unsent, True)

        def work(here: Path = here, package: str = package) -> object:
            return withdraw(here, package, "", "Ada", "wrong", AT + 60, unsent, True)

        alive = not killed_at(step, work)
        gone = {name: told for name, told in outbox(here).items() if ".revoked." in name}
        begun_ = {name: told for row in lines(here, "revoking") for name, told in row.items()}
        assert gone.items() <= begun_.items()
        assert all(told.items() <= gone.items() for told in lines(here, "revoked"))
        if alive:
            break
        killed += 1
        withdraw(here, package, "", "Ben", "wrong", AT + 90, unsent, True)  # another person, later
        chain = log.chain(here)
        (one,) = log.standings(chain.read(), chain).values()
        assert one.state(AT) == "withdrawn" and len(lines(here, "revoked")) == 2
    assert killed >= 15


@pytest.mark.parametrize("kind", ["release", "propose"])
def test_two_at_once_are_one(tmp_path: Path, kind: str) -> None:
    here, package = begun(tmp_path)
    if kind == "release":
        work = lambda: release(here, package, "", "file", None, "Ada", AT, unsent, True)  # noqa: E731
    else:
        work = lambda: packages.propose(here, tmp_path / "draft.json", "circle", "Ada", 14, AT)  # noqa: E731
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                work()
                os._exit(0)
            except BaseException:
                os._exit(1)
        children.append(child)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(ended) == [0, 1, 1, 1]
    assert len(log.chain(here).read()) == (4 if kind == "release" else 3)
