"""What will be asked and tested, written down and promised before anybody is asked: nothing can be chosen afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.prove.served import Messages, Served

SCHEMA_VERSION = 1
LEVEL = 1e-3  # chance of a verdict against a suspect who had nothing to do with it, over all tests together
STRONG = 1e-6  # the same for "strong evidence"


@dataclass(frozen=True)
class Question:
    """What the suspect is asked."""

    id: str
    messages: Messages
    slot: str = ""  # of a canary that it brings out; empty of a served prompt


@dataclass(frozen=True)
class Promised:
    """A key that will be tested."""

    scope: str
    begins: int  # seconds since 1970
    ends: int
    commitment: str


@dataclass(frozen=True)
class Plan:
    """All that a proof does not leave open."""

    made_at: str
    level: float
    scheme: str
    window: int
    tokenizer: str  # SHA-256 of its file; empty where no mark is looked for
    root: str  # of the served texts (seals.py); empty where there are none
    texts: int
    keys: tuple[Promised, ...]  # of watermarks
    canaries: tuple[Promised, ...]
    slots: str  # SHA-256 of the canaries' file; empty without canaries
    questions: tuple[Question, ...]

    def written(self) -> bytes:
        """As it is promised."""
        return orjson.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, option=orjson.OPT_INDENT_2)

    @property
    def sha256(self) -> str:
        """Of it as it is written."""
        return hashlib.sha256(self.written()).hexdigest()


def read(path: Path) -> Plan:
    """A plan from its file."""
    try:
        row = orjson.loads(path.read_bytes())
        if row.pop("schema_version") != SCHEMA_VERSION:
            raise ValueError("another version")
        return Plan(**{
            **row,
            "keys": tuple(Promised(**one) for one in row["keys"]),
            "canaries": tuple(Promised(**one) for one in row["canaries"]),
            "questions": tuple(_question(one) for one in row["questions"]),
        })  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadConfiguration(
            f"the plan cannot be read: {problem}", str(path), "what `stillwatch prove plan` wrote", "make it again"
        ) from None


def chosen(of: Iterable[Served], most: int, seed: str, wanted: Mapping[str, Any]) -> list[Question]:
    """Prompts of answers that were drawn with a wanted key: those with the smallest hashes, so that nobody picks them.

    Of equal conversations one is asked.
    """
    found: dict[str, Question] = {}
    for one in of:
        if one.commitment not in wanted:
            continue
        name = hashlib.sha256(orjson.dumps([seed, one.messages])).hexdigest()
        if name not in found:
            found[name] = Question(f"served-{name[:16]}", one.messages)
            if len(found) > 2 * most:
                found = {name: found[name] for name in sorted(found)[:most]}
    return [found[name] for name in sorted(found)[:most]]


def _question(row: Any) -> Question:
    return Question(row["id"], tuple((str(role), str(text)) for role, text in row["messages"]), row["slot"])
