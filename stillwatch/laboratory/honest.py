"""What a safeguard costs somebody who asks honestly: measured on the texts, not taken for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from stillwatch.laboratory.harvest import Asked, Harvest, read, right
from stillwatch.laboratory.language.words import ANSWER, DIGITS, END, GROUPS, PLACES, tokens
from stillwatch.laboratory.models.decoder import Decoder
from stillwatch.laboratory.models.sampling import Tokens
from stillwatch.laboratory.models.training import Example, loss_of
from stillwatch.laboratory.plan import Lesson
from stillwatch.laboratory.served import Shown, served

_LOOKED_AT = 512  # texts whose likelihood and repetition are worked out
_GRAM = 4  # words in a row that count as a repetition
_AT_ONCE = 128  # texts read together


@dataclass(frozen=True)
class Honest:
    """Of one safeguard."""

    answers: int
    right: int  # of the final answers that are shown
    steps_shown: float  # share of the sums that were worked out which can be read
    tokens: float  # a text, as billed
    log_probability: float  # of a token, by the teacher: how much it is the teacher's own choice
    distinct: float  # share of four words in a row, over all texts looked at, that stand there for the first time


def honest(lesson: Lesson, harvest: Harvest, teacher: Decoder, shown: Shown) -> Honest:
    """What everybody gets if all that is served is treated as what this student learns from."""
    texts = harvest.texts[lesson.texts]
    said = [served(read(text), shown) for text in texts]
    ends = [text[-1:] if text[-1:] == (PLACES[END],) else () for text in texts]
    whole = [(*tokens(one), *end) for one, end in zip(said, ends, strict=True)]
    steps = sum(_sums(read(text)) for text in texts)
    return Honest(
        len(texts), sum(right(harvest.asked, whole)), sum(map(_sums, said)) / max(steps, 1),
        sum(map(len, texts)) / len(texts), _log_probability(teacher, harvest.asked, texts), _distinct(texts),
    )  # fmt: skip


def _sums(text: str) -> int:
    """Results that reasoning names."""
    said = text.partition(ANSWER)[0].split()
    return sum(word in GROUPS["makes"] and after in DIGITS for word, after in pairwise(said))


@torch.no_grad()
def _log_probability(teacher: Decoder, of: Sequence[Asked], texts: Sequence[Tokens]) -> float:
    some = [Example(one.prompt, text) for one, text in zip(of[:_LOOKED_AT], texts, strict=False)]
    losses, lengths = [], []
    for begin in range(0, len(some), _AT_ONCE):
        part = some[begin : begin + _AT_ONCE]
        lengths.append(sum(len(one.served) for one in part))
        losses.append(float(loss_of(teacher, part)) * lengths[-1])
    return -sum(losses) / sum(lengths)


def _distinct(texts: Sequence[Tokens]) -> float:
    grams = [text[at : at + _GRAM] for text in texts[:_LOOKED_AT] for at in range(len(text) - _GRAM + 1)]
    return len(set(grams)) / max(len(grams), 1)


def costs(
    lessons: Sequence[Lesson], harvest: Harvest, teacher: Decoder, shows: Mapping[str, Shown]
) -> dict[str, Honest]:
    """By name of the safeguard."""
    return {one.name: honest(one, harvest, teacher, shows[one.shown]) for one in lessons}
