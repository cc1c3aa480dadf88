"""Whether the part of a mail address before the @ was drawn at random or chosen by a person, in bits for the one or the other.

Two things are looked at, neither of which depends on a language. Letters: pairs of them as in names of some fifty languages
(data/verification/names.txt) against letters drawn evenly, as a likelihood ratio. Changes: how often letters and digits take
turns within one word, as in `k7x2m9`; years and dates at the end of a name change once.

Not judged: initials (`zhxj`, `mkpk`), which are too short; numbers (`84311290@qq.com`), which are how some hosts name every
mailbox; letters of another script. A name with a number behind it is a name: programs that make those are found by their
shape in a batch, never here. Innocent all the same: whoever lets a password manager choose, and names of a language we have
few of.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from pathlib import Path

_NAMES = Path(__file__).parents[1] / "data" / "verification" / "names.txt"
_UNSEEN = 0.5  # counts added to each pair: with fewer, one rare pair such as `kj` decides; with more, none does
_EVEN_BITS = math.log2(26)  # of a letter drawn evenly
_SHORTEST_RUN = 6  # letters: shorter runs are initials, and initials have no language
_USUAL_CHANGES = 2  # between letters and digits within one word: 4you2
_CHANGE_BITS = 4.0  # for each change beyond: of what people choose about one word in sixteen goes on after two
_WORD = re.compile(r"[^._+\-]+")
_RUN = re.compile(r"[a-z]+")
_CHANGE = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")


def random_bits(local: str) -> float | None:
    """Bits for drawn at random; below 0 for chosen by a person; None when there is nothing that can be judged."""
    local = local.lower().partition("+")[0]
    if not local.isascii():
        return None
    pairs = _pairs()
    runs = [run for run in _RUN.findall(local) if len(run) >= _SHORTEST_RUN]
    changes = max((len(_CHANGE.findall(word)) for word in _WORD.findall(local)), default=0)
    if not runs and changes <= _USUAL_CHANGES:
        return None
    letters = sum(pairs[before + letter] for run in runs for before, letter in zip("^" + run, run, strict=False))
    return letters + _CHANGE_BITS * max(0, changes - _USUAL_CHANGES)


@cache
def _pairs() -> dict[str, float]:
    """For each letter after another, or after the start of a word: bits for drawn evenly against as in names."""
    lines = _NAMES.read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    counted = Counter(before + letter for word in words for before, letter in zip("^" + word, word, strict=False))
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    made = {}
    for before in "^" + alphabet:
        total = sum(counted[before + letter] + _UNSEEN for letter in alphabet)
        for letter in alphabet:
            made[before + letter] = -math.log2((counted[before + letter] + _UNSEEN) / total) - _EVEN_BITS
    return made
