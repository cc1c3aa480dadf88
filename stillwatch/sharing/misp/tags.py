"""What a bundle says and MISP has no field for, as tags: ours, and those of MISP's taxonomies that others read and write."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stillwatch.sharing.markings import LEVELS, strictest

OURS = "stillwatch"
_FORM = re.compile(r'(?P<space>[^:="]+):(?P<name>[^=":]+)(?:="(?P<value>[^"]*)")?')
_CLEAN = re.compile(r'["\x00-\x1f\x7f]')  # a tag has no way to escape them

# Confidence of STIX (0..100) by tag: STIX 2.1, appendix A, for the scales that it has; MISP's own as misp-stix reads it.
_CONFIDENCES = {
    ("misp", "confidence-level"): {
        "completely-confident": 95, "usually-confident": 75, "fairly-confident": 50, "rarely-confident": 25, "unconfident": 0,
    },
    ("admiralty-scale", "information-credibility"): {"1": 90, "2": 70, "3": 50, "4": 30, "5": 10},
    ("estimative-language", "confidence-in-analytic-judgment"): {"high": 85, "moderate": 50, "low": 15},
    ("estimative-language", "likelihood-probability"): {
        "almost-certain": 95, "very-likely": 85, "likely": 70, "roughly-even-chance": 50, "unlikely": 30, "very-unlikely": 15,
        "almost-no-chance": 5,
    },
}  # fmt: skip
# MISP's own words, for those who read no tags of ours: the least confidence (0..100) of each.
_WORDS = ((86, "completely-confident"), (63, "usually-confident"), (38, "fairly-confident"), (13, "rarely-confident"))


def tag(name: str, value: str | int) -> str:
    """One of ours."""
    return f'{OURS}:{name}="{_CLEAN.sub("", str(value)).strip()}"'


def ours(tags: Iterable[str]) -> dict[str, str]:
    """What ours say, by name; the first where one stands twice."""
    found: dict[str, str] = {}
    for one in tags:
        read = _FORM.fullmatch(one)
        if read and read["space"] == OURS and read["value"] is not None:
            found.setdefault(read["name"], read["value"])
    return found


def level(marking: str) -> str:
    """The tag of a TLP marking."""
    return marking.lower()


def marking(tags: Iterable[str]) -> str | None:
    """The strictest TLP that they say; None when they say none."""
    names = (one.strip().upper().replace("TLP:WHITE", "TLP:CLEAR") for one in tags)
    found = [one for one in names if one in LEVELS]
    return strictest(found) if found else None


def sure(confidence: int) -> str:
    """The tag of MISP's taxonomy for a confidence, in five words."""
    word = next((word for least, word in _WORDS if confidence >= least), "unconfident")
    return f'misp:confidence-level="{word}"'


def confidence(tags: Iterable[str]) -> int | None:
    """0..100: the exact number of ours, else the lowest that a known scale gives; None when no tag says."""
    tags = list(tags)
    exact = ours(tags).get("confidence", "")
    if exact.isascii() and exact.isdigit() and int(exact) <= 100:
        return int(exact)
    read = [found for one in tags if (found := _FORM.fullmatch(one)) and found["value"] is not None]
    told = [_CONFIDENCES.get((one["space"], one["name"]), {}).get(one["value"]) for one in read]
    return min((one for one in told if one is not None), default=None)
