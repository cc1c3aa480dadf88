"""When a rule applies: conditions in CEL (Common Expression Language, github.com/google/cel-spec), compiled once.

All conditions of a policy are one expression, a list of booleans: most of what an evaluation costs is the way into the
library and back, which eight conditions pay once (7.5 µs) instead of eight times (45 µs). A condition that has no value for a
request, because of a division by zero or the like, does not apply; then each is asked alone, so that the others still do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.guard.cel import Compile, NoCondition, compiled
from stillwatch.guard.facts import BY_NAME


class Conditions:
    """The conditions of a policy, in its order."""

    def __init__(self, texts: Sequence[str], compiled: Compile = compiled) -> None:
        self._each = [compiled(text, False) for text in texts]
        self._all = compiled("[" + ",".join(f"(\n{text}\n)" for text in texts) + "]", False)  # comments end with a line
        self.named = frozenset().union(*map(facts_named, texts))  # each fact handed over takes a third of a µs
        self.failed = [0] * len(texts)  # times that a condition had no value

    def asked(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Those facts that any condition asks for."""
        return {name: facts[name] for name in self.named}

    def applying(self, facts: Mapping[str, Any]) -> list[int]:
        """Places of the conditions that hold; `facts` as `asked` gives them, or all there are, which takes longer."""
        try:
            return [place for place, holds in enumerate(self._all(facts)) if holds]
        except Exception:  # of one of them; a guard that raises would refuse the request
            return [place for place in range(len(self._each)) if self._holds(place, facts)]

    def _holds(self, place: int, facts: Mapping[str, Any]) -> bool:
        try:
            return bool(self._each[place](facts))
        except Exception:
            self.failed[place] += 1
            return False


def condition(text: str, where: str) -> str:
    """The text, if it is a condition over known facts."""
    try:
        compiled(text, flag=True)
    except NoCondition as problem:
        raise BadConfiguration(
            f"not a condition: {problem}",
            where,
            "CEL over the facts " + ", ".join(BY_NAME),
            "docs/guard.md has examples",
        ) from None
    return text


def facts_named(text: str) -> set[str]:
    """Facts that a condition asks for; of names in its quoted texts as well."""
    return {name for name in BY_NAME if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)}
