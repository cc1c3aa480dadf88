"""Draws tokens by a key, as SGLang does: what is served then bears a watermark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from stillwatch.laboratory.models.sampling import Choice, at_random
from stillwatch.safeguards.watermark.gumbel import Drawn, Text, Words, drawn, uniform


def marked(key: str, window: int, seed: int) -> Choice:
    """The token with the largest u ** (1 / p); by chance where the context was in the answer before, as the engine does."""
    by_chance = at_random(seed)
    of: Sequence[list[int]] = ()
    had: list[set[tuple[int, ...]]] = []

    def choose(logs: Tensor, texts: Sequence[list[int]]) -> Tensor:
        nonlocal of, had
        if texts is not of:  # the next answers
            of, had = texts, [set() for _ in texts]
        contexts = [tuple(text[-window:]) for text in texts]
        again = torch.tensor([context in own for context, own in zip(contexts, had, strict=True)])
        for context, own in zip(contexts, had, strict=True):
            own.add(context)
        by_key = (torch.from_numpy(_uniform(key, contexts, logs.shape[1])).log() / logs.double().exp()).argmax(-1)
        return torch.where(again, by_chance(logs, texts), by_key)

    return choose


def hashes(contexts: Sequence[tuple[int, ...]], window: int) -> Words:
    """Of contexts that are all different, as the detector sees them."""
    return drawn([Text((0,), context) for context in contexts], window=window).contexts


def _uniform(key: str, contexts: Sequence[tuple[int, ...]], vocabulary: int) -> np.ndarray:
    different = {context: place for place, context in enumerate(dict.fromkeys(contexts))}
    made = hashes(list(different), len(contexts[0]))
    every = np.tile(np.arange(vocabulary, dtype=np.uint32), len(different))
    found = uniform([key], Drawn(np.repeat(made, vocabulary), every)).reshape(len(different), vocabulary)
    return found[[different[context] for context in contexts]]
