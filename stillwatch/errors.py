"""What can go wrong, as a tree, and the exit code of each branch.

    StillwatchError
    ├── NothingToRead       10   the folder has no log in it
    ├── UnknownFormat       11   there is a file, but not in a form we know
    ├── BadConfiguration    12   a setting, key or indicator file is not usable
    ├── EngineMissing       14   the engine, or the extra, asked for is not installed
    ├── StoreLocked         15   another run is writing to the same place
    ├── ResponseFailed      20   a planned response could not be carried out
    └── NotGenuine          21   a signature, or what was signed, does not hold

Every message says what, where, what is allowed and what to do next, in that order.
A defect of ours is not in the tree: it is any other exception, exit code 70, its text marked `BUG:`.
"""

from __future__ import annotations

from dataclasses import dataclass

# Exit codes of the command line, as the contract lists them.
DONE = 0
FAIL_ON_REACHED = 1
USAGE = 2
SOME_ROWS_SET_ASIDE = 13
DEFECT = 70


@dataclass
class StillwatchError(Exception):
    """Something the person at the keyboard can put right."""

    what: str
    where: str = ""
    allowed: str = ""
    next_step: str = ""

    exit_code = DEFECT

    def __str__(self) -> str:
        lines = [f"error: {self.what}"]
        for label, text in (("-->", self.where), ("allowed", self.allowed), ("try", self.next_step)):
            if text:
                lines.append(f"  {label:<8} {text}")
        return "\n".join(lines)


class NothingToRead(StillwatchError):
    """No exchanges where exchanges were promised."""

    exit_code = 10


class UnknownFormat(StillwatchError):
    """A file that no reader recognises, or that is broken before its first row."""

    exit_code = 11


class BadConfiguration(StillwatchError):
    """A setting, a key or a side file that cannot be used."""

    exit_code = 12


class EngineMissing(StillwatchError):
    """An engine that is not installed or not known, or an extra that is not installed."""

    exit_code = 14


class StoreLocked(StillwatchError):
    """Another run holds the result folder."""

    exit_code = 15


class ResponseFailed(StillwatchError):
    """A responder could not carry out a planned row."""

    exit_code = 20


class NotGenuine(StillwatchError):
    """A file that is not what its signers signed, or signatures that do not count."""

    exit_code = 21


EXIT_CODES: tuple[tuple[int, str], ...] = (
    (DONE, "done"),
    (
        FAIL_ON_REACHED,
        "a campaign at or above --fail-on, worse than before with --fail-on-worse, a live rule that may not act, or a proof",
    ),
    (USAGE, "usage"),
    (NothingToRead.exit_code, "nothing to read"),
    (UnknownFormat.exit_code, "format not recognised"),
    (BadConfiguration.exit_code, "bad configuration"),
    (SOME_ROWS_SET_ASIDE, "finished, but some input rows were set aside (OUT/rejected.jsonl)"),
    (EngineMissing.exit_code, "engine not available"),
    (StoreLocked.exit_code, "store locked"),
    (ResponseFailed.exit_code, "a response could not be carried out"),
    (NotGenuine.exit_code, "a signature, or what was signed, does not hold"),
    (DEFECT, "a defect of ours"),
)
