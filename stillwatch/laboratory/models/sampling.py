"""Draws answers from a model, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from stillwatch.laboratory.language.words import END, PAD, PLACES
from stillwatch.laboratory.models.decoder import Reader

MOST_WRITTEN = 110  # tokens of an answer: the longest solutions have some 90
AT_ONCE = 256  # answers: more gain nothing on a processor

Tokens = tuple[int, ...]
Choice = Callable[[Tensor, Sequence[list[int]]], Tensor]  # log-probabilities and texts so far in, a token of each out


class Model(Protocol):
    """Whatever reads texts and scores what may come next."""

    def reader(self, padding: Tensor) -> Reader: ...


def likeliest(logs: Tensor, texts: Sequence[list[int]]) -> Tensor:
    """The token that the model holds likeliest: how accuracy is measured."""
    return logs.argmax(-1)


def at_random(seed: int) -> Choice:
    """By the model's own probabilities: how answers are served."""
    random = torch.Generator().manual_seed(seed)
    return lambda logs, texts: torch.multinomial(logs.exp(), 1, generator=random)[:, 0]


def answers(
    model: Model, prompts: Sequence[Tokens], choose: Choice, most: int = MOST_WRITTEN, device: str = "cpu",
    told: Callable[[int], None] = lambda _: None,
) -> list[Tokens]:  # fmt: skip
    """One for each prompt, with its end where it came to one."""
    order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))  # of one length, texts end together
    found: list[Tokens] = [()] * len(prompts)
    for begin in range(0, len(order), AT_ONCE):
        places = order[begin : begin + AT_ONCE]
        texts = [list(prompts[place]) for place in places]
        before = [len(prompts[place]) for place in places]
        _written(model, texts, choose, most, device)
        for place, text, own in zip(places, texts, before, strict=True):
            found[place] = tuple(text[own:])
        told(begin + len(places))
    return found


@torch.no_grad()
def _written(model: Model, texts: list[list[int]], choose: Choice, most: int, device: str) -> None:
    """Goes on with all texts until each has ended."""
    longest = max(map(len, texts))
    padding = torch.tensor([longest - len(text) for text in texts], device=device)
    new = torch.tensor([[PLACES[PAD]] * (longest - len(text)) + text for text in texts], device=device)
    read, going = model.reader(padding), [True] * len(texts)
    for _ in range(most):
        chosen = choose(read(new).float().log_softmax(-1).cpu(), texts)
        for row, token in enumerate(chosen.tolist()):
            if going[row]:
                texts[row].append(token)
                going[row] = token != PLACES[END]
        if not any(going):
            return
        new = chosen[:, None].to(device)
