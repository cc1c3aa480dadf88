"""Domains that look like a university's and are not: one character off, another suffix, a word added, letters that look alike.

Registries give names below edu, and below edu or ac of a country, to schools alone: whoever mistypes one of those cannot get
mail there, and no look-alike is made of it. The few such suffixes that are open to anyone are a list of their own. Every
look-alike is measured against the list of academic domains. That somebody's domain is not on the list says nothing: of the
universities of another public list, one in four is missing from it (docs/verification-lists.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from stillwatch.verification.domains import listed_above, parents

_SHORTEST_ONE_OFF = 8  # characters of a label that may be one edit from another: shorter ones are neighbours by chance
_HEAD, _TAIL = (
    3,
    4,
)  # characters of a label, of which one edit in eight leaves the first ones or the last ones as they were
_SHORTEST_NAME = 6  # characters of an institution's label looked for with a word added or under another suffix
_SHORTEST_BEFORE_EDU = 4  # the same before -edu, which says more
_WORDS = tuple(
    "university universidad universite uni univ edu student students alumni campus college school mail".split()
)
_ACADEMIC_WORD = re.compile(
    r"(?<![a-z])(edu|univ|uni|university|universit\w*|universidad\w*|college|campus|students?)(?![a-z])"
)
# Names of institutions that are ordinary words too: with "college" added they are anybody's.
_ORDINARY = frozenset(
    "central american national international pacific atlantic northern southern eastern western global modern digital future"
    " capital liberty union victory success european african russian canadian online open virtual science technology business"
    " medical health design christian catholic islamic grace trinity summit phoenix regent regis concord lincoln franklin"
    " jefferson washington madison jackson monroe hamilton berkeley cambridge york metropolitan community people".split()
)
_ACADEMIC_SUFFIX = re.compile(r"(?:^|\.)(?:edu|ac|edu\.[a-z]{2}|ac\.[a-z]{2})$")
# Characters that are taken for others at a glance; a name is compared in the form in which they are one (UTS 39, skeleton).
_ALIKE = str.maketrans(
    "01357аеорсухіјѕԁɡһӏνωαοτι", "olestaeopcyxijsdghlvwaoti"
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"))


class Lookalikes:
    """Of a set of academic domains. A look-up takes some ten microseconds: whoever asks often remembers the answers."""

    def __init__(self, academic: frozenset[str], open_suffixes: frozenset[str]) -> None:
        self._academic = academic
        self._open = open_suffixes
        self._names = _institutions(academic)
        self._near: dict[tuple[str, str], list[str]] = {}
        for label, _, suffix in (domain.partition(".") for domain in academic):
            if len(label) >= _SHORTEST_ONE_OFF - 1:
                self._near.setdefault((suffix, label[:_HEAD]), []).append(label)
                self._near.setdefault((suffix, label[-_TAIL:]), []).append(label)

    def of(self, domain: str) -> str:
        """The academic domain that a domain, itself in no list, could be taken for; empty when there is none."""
        if _ACADEMIC_SUFFIX.search(domain) and not listed_above(domain, self._open):
            return ""
        for one in parents(domain):
            if "." in one and (found := self._taken_for(one)):
                return found
        return ""

    def says_academic(self, domain: str) -> bool:
        """Its suffix, or a word in its name, says that it is a school's."""
        return bool(
            _ACADEMIC_SUFFIX.search(domain)
            or listed_above(domain, self._open)
            or _ACADEMIC_WORD.search(domain.rpartition(".")[0])
        )

    def _taken_for(self, domain: str) -> str:
        label, _, suffix = domain.partition(".")
        shown = _unicode(label)
        alike = f"{_skeleton(shown)}.{suffix}"
        if alike != domain and alike in self._academic:
            return alike
        if len(label) >= _SHORTEST_ONE_OFF and not label.startswith("xn--"):
            near = (*self._near.get((suffix, label[:_HEAD]), ()), *self._near.get((suffix, label[-_TAIL:]), ()))
            if other := next((one for one in near if _one_off(label, one)), ""):
                return f"{other}.{suffix}"
        if len(label) >= _SHORTEST_NAME and label in self._names and self.says_academic(domain):
            return self._names[label]
        return next((self._names[rest] for rest in _without_words(label) if rest in self._names), "")


def _institutions(academic: frozenset[str]) -> dict[str, str]:
    """Names of institutions that no other one has, and the domain of each."""
    made: dict[str, str] = {}
    several = set(_WORDS) | _ORDINARY
    for domain in sorted(academic):
        label, _, suffix = domain.partition(".")
        if len(label) >= _SHORTEST_BEFORE_EDU and label not in several and _ACADEMIC_SUFFIX.search(suffix):
            if label in made:
                several.add(label)  # two institutions' name is no one's
                del made[label]
            else:
                made[label] = domain
    return made


def _without_words(label: str) -> Iterator[str]:
    for word in _WORDS:
        for rest in (label.removeprefix(word), label.removesuffix(word)):
            name = rest.strip("-")
            least = _SHORTEST_BEFORE_EDU if word == "edu" and name != rest else _SHORTEST_NAME
            if rest != label and len(name) >= least:
                yield name


def _one_off(one: str, other: str) -> bool:
    """One insertion, deletion, substitution or transposition apart (Damerau 1964)."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or one[:2] + one[2:] == other[1::-1] + other[2:]


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def _skeleton(label: str) -> str:
    parts = unicodedata.normalize("NFKD", label)
    made = "".join(one for one in parts if not unicodedata.combining(one)).translate(_ALIKE)
    for pair, one in _PAIRS:
        made = made.replace(pair, one)
    return made
