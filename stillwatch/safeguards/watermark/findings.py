"""Which of many keys each of many texts was drawn with, if any: what is told is held to all of keys times texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from stillwatch.safeguards.holm import corrected
from stillwatch.safeguards.watermark.gumbel import Drawn, Score, Text, attribute


@dataclass(frozen=True, slots=True)
class Finding:
    """The likeliest key of a text."""

    id: str
    place: int  # of the key
    score: Score
    log_p: float  # corrected for all keys and texts that were tried, by Holm's method


def findings(
    texts: Iterable[tuple[str, Text]], keys: Sequence[str], drawn: Callable[[list[Text]], Drawn]
) -> list[Finding]:
    """In the order of the texts. One text is held at a time, and of each some numbers are kept.

    Of each text the best key takes part in the order that Holm's method goes by, and the others come after all of those: that
    holds some back a little more than it had to be, and none less.
    """
    told: list[Finding] = []
    for id, text in texts:
        best = attribute(keys, drawn([text]), best=1)[0]
        told.append(Finding(id, best.place, best.score, 0.0))
    held = corrected([one.score.log_p for one in told], tests=len(keys) * len(told))
    return [Finding(one.id, one.place, one.score, log_p) for one, log_p in zip(told, held, strict=True)]
