"""Facts that say little by themselves: what others say of an address, and a text that anybody may write.

They lead to questions, and not to answers. A rule that acts may ask for them only together with something else, which is tried
here: if it holds for a customer of whom nothing but hints is known, it acts on them alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.guard.conditions import Conditions, facts_named
from stillwatch.guard.facts import FACTS, NOTHING_KNOWN

HINTS = frozenset({"client.indicators", "request.templates"})
_OF_THE_ACCOUNT = ("account.", "organization.", "campaign.")
_TEXT = re.compile(r'"([^"\\]*)"|' + r"'([^'\\]*)'")
_LARGE = 1 << 20  # of every number that a request tells: above what a condition compares it with


def alone(when: str) -> frozenset[str]:
    """Hints on which this condition may hold alone; none if it asks for something beside them."""
    named = HINTS & facts_named(when)
    if not named:
        return frozenset()
    conditions = Conditions([when])
    return named if any(conditions.applying(facts) for facts in _hinted(when)) else frozenset()


def _hinted(when: str) -> Iterator[Mapping[str, Any]]:
    """Facts of a request by somebody unknown that fits every hint; texts are those that the condition compares with."""
    texts = ["", *(first or second for first, second in _TEXT.findall(when))]
    for text in texts:
        for asks in (False, True):
            said = {"text": text, "flag": asks, "whole": _LARGE if asks else 0, "texts": [*texts[1:], "C-1"]}
            yield {**NOTHING_KNOWN, **{
                one.name: said[one.kind] for one in FACTS if not one.name.startswith(_OF_THE_ACCOUNT)
            }}  # fmt: skip
