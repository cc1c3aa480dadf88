"""Trains a model on prompts and what was served for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from stillwatch.laboratory.language.words import PAD, PLACES
from stillwatch.laboratory.models.decoder import Decoder

_IGNORED = -100  # torch's mark of a place that is not to be learned
_WARM = 0.05  # of all steps, in which the rate grows to its peak
_DECAY = 0.01  # of weights, a step times the rate
_MOST_CHANGE = 1.0  # norm that a step's gradient is cut to


@dataclass(frozen=True)
class Example:
    """What a model learns to go on with, in tokens. The prompt is read and not learned."""

    prompt: tuple[int, ...]
    served: tuple[int, ...]


@dataclass(frozen=True)
class Course:
    """How a model is trained. Each example is seen once an epoch."""

    steps: int
    batch: int  # examples a step
    rate: float  # of learning, at its peak


def trained(
    model: Decoder, examples: Sequence[Example], course: Course, seed: int, told: Callable[[int], None] = lambda _: None
) -> float:
    """Changes the model; the mean loss of the last tenth of steps, in nats a token."""
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=course.rate, weight_decay=_DECAY, betas=(0.9, 0.98), fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, course.rate, course.steps, pct_start=_WARM, cycle_momentum=False
    )
    model.train()
    losses = []
    for number, chosen in enumerate(_batches(examples, course, seed)):
        loss = loss_of(model, chosen)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _MOST_CHANGE)
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
        told(number + 1)
    model.eval()
    return float(torch.stack(losses[-max(len(losses) // 10, 1) :]).mean())


def loss_of(model: Decoder, examples: Sequence[Example]) -> Tensor:
    """Mean surprise at what was served, in nats a token."""
    device = model.scores.weight.device
    tokens, wanted = (part.to(device) for part in _batch(examples))
    return functional.cross_entropy(model(tokens).flatten(0, 1), wanted.flatten(), ignore_index=_IGNORED)


_SORTED = 8  # batches whose examples are sorted by length together: short ones are not filled up to long ones


def _batches(examples: Sequence[Example], course: Course, seed: int) -> Iterator[list[Example]]:
    """As many as there are steps, shuffled anew each epoch."""
    random = torch.Generator().manual_seed(seed)
    left: list[int] = []
    made = 0
    while made < course.steps:
        while len(left) < _SORTED * course.batch:
            left += torch.randperm(len(examples), generator=random).tolist()
        block, left = left[: _SORTED * course.batch], left[_SORTED * course.batch :]
        block.sort(key=lambda place: len(examples[place].prompt) + len(examples[place].served))
        for number in torch.randperm(_SORTED, generator=random).tolist()[: course.steps - made]:
            made += 1
            yield [examples[place] for place in block[number * course.batch : (number + 1) * course.batch]]


def _batch(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    longest = max(len(one.prompt) + len(one.served) for one in examples)
    tokens = torch.full((len(examples), longest), PLACES[PAD])
    wanted = torch.full((len(examples), longest), _IGNORED)
    for row, one in enumerate(examples):
        whole = torch.tensor((*one.prompt, *one.served))
        tokens[row, : len(whole)] = whole
        wanted[row, len(one.prompt) - 1 : len(whole) - 1] = whole[len(one.prompt) :]
    return tokens, wanted
