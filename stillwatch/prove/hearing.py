"""What was served, and what a suspect or a control says, as far as tests need it: hashes and tokens, no texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

import numpy as np

from stillwatch.prove import seals, tree
from stillwatch.prove.answers import Answer
from stillwatch.prove.pairs import Counted, Hashes, Heard, contexts_of
from stillwatch.prove.served import Messages, Served
from stillwatch.safeguards.watermark.tokens import Tokenizer

_AT_ONCE = 2_000  # texts that are made into tokens together
_NOTHING: Hashes = np.empty(0, np.uint64)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Reference:
    """Served texts."""

    root: str  # of all of them
    texts: int
    unmarked: Counted  # answers that bear no mark, after contexts that somebody has said often enough
    contexts: Mapping[str, Hashes]  # of answers, that somebody has said; by the commitment to the key they bear
    answers: Mapping[str, int]  # how many, likewise
    first: Mapping[str, float]  # when the first of them was served, seconds since 1970, where the log tells


@dataclass(frozen=True)
class Hearing:
    """One model's answers."""

    answered: int  # questions of the plan
    found: int  # texts that answer no question of it
    said: Counted
    by_slot: Mapping[str, list[str]]  # answers that should bring out a canary
    first: float | None  # when the first was given, seconds since 1970
    models: tuple[str, ...]  # as it calls itself


def reference(
    of: Iterable[Served],
    secret: bytes,
    wanted: Collection[str],
    tokenizer: Tokenizer | None,
    window: int,
    said: Hashes = _NOTHING,
    often: Hashes = _NOTHING,
) -> Reference:
    """Read all served texts once. Of those drawn with a wanted key contexts are kept that somebody has said.

    However many texts there are, no more is held than what was said, for each key.
    """
    leaves, plain = tree.Growing(), Heard(window, often)
    parts: dict[str, Hashes] = defaultdict(lambda: _NOTHING)
    answers: dict[str, int] = defaultdict(int)
    first: dict[str, float] = {}
    for batch in _batches(of):
        for one in batch:
            leaves.add(seals.leaf(secret, one))
        if tokenizer is not None and len(often):
            unmarked = [one for one in batch if not one.commitment]
            shown = tokenizer.tokens([_shown(one.messages) for one in unmarked])
            for before, answer in zip(shown, tokenizer.tokens([one.answer for one in unmarked]), strict=True):
                plain.add(before, answer)
        by_key = defaultdict[str, list[Served]](list)
        for one in batch:
            if one.commitment in wanted:
                by_key[one.commitment].append(one)
        for commitment, own in by_key.items():
            if tokenizer is not None:
                contexts = contexts_of(tokenizer.tokens([one.answer for one in own]), window)
                parts[commitment] = np.union1d(parts[commitment], contexts[np.isin(contexts, said)])
            answers[commitment] += len(own)
            told = [at for one in own if (at := _instant(one.at)) is not None]
            if told:
                first[commitment] = min([*told, *([first[commitment]] if commitment in first else [])])
    return Reference(leaves.root().hex(), leaves.size, plain.counted(), parts, answers, first)


def heard(answers: Iterable[Answer], tokenizer: Tokenizer | None, window: int) -> Hearing:
    """Read a model's answers once."""
    said, by_slot, times, models, asked = Heard(window), defaultdict[str, list[str]](list), [], set[str](), set[str]()
    found = 0
    for batch in _batches(answers):
        for one in batch:
            models.add(one.model)
            times += [one.at] if one.at is not None else []
            if one.found:
                found += 1
            else:
                asked.add(one.question.id)
            if one.question.slot:
                by_slot[one.question.slot].append(one.text)
        if tokenizer is not None:
            shown = tokenizer.tokens([_shown(one.question.messages) for one in batch])
            for before, answer in zip(shown, tokenizer.tokens([one.text for one in batch]), strict=True):
                said.add(before, answer)
    return Hearing(len(asked), found, said.counted(), by_slot, min(times, default=None), tuple(sorted(models - {""})))


def _shown(messages: Messages) -> str:
    """All that a model could copy from."""
    return "\n".join(text for _, text in messages)


def _batches(of: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(of)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


def _instant(written: str) -> float | None:
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        return None
    return told.timestamp() if told.tzinfo else None
