"""Antidistillation sampling (Savani et al., 2025), as an experiment: it falsifies what is served, and no guard does that.

A token is made likelier the more a model that learned it would get worse: the score is the product of two gradients, of the
loss that the teacher wants to raise and of the token's log-probability, both of a proxy of the student. It is found without
gradients of tokens, by how much likelier the token gets when the proxy takes a small step against its own learning.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor

from stillwatch.laboratory.models.decoder import Decoder, Reader
from stillwatch.laboratory.models.training import Example, loss_of

_STEP = (
    0.02  # length of the small step, as a share of the length of all weights: larger bends, smaller drowns in rounding
)
_MOST = 5.0  # standard deviations that a token's score counts for at most: one token must not decide alone


class Steered:
    """A teacher whose tokens do harm to who learns them, more so the larger the strength."""

    def __init__(self, teacher: Decoder, proxy: Decoder, lessons: Sequence[Example], strength: float) -> None:
        self.teacher, self.strength = teacher, strength
        self.worse, self.better = _moved(proxy, lessons)

    def reader(self, padding: Tensor) -> Reader:
        """Reads with all three models."""
        teacher, worse, better = (one.reader(padding) for one in (self.teacher, self.worse, self.better))

        def read(tokens: Tensor) -> Tensor:
            harm = worse(tokens).log_softmax(-1) - better(tokens).log_softmax(-1)
            scale = harm.std(-1, keepdim=True).clamp_min(1e-9)
            return teacher(tokens).log_softmax(-1) + self.strength * (harm / scale).clamp(-_MOST, _MOST)

        return read


def _moved(proxy: Decoder, lessons: Sequence[Example]) -> tuple[Decoder, Decoder]:
    """The proxy a step up its loss of right solutions, and one down."""
    proxy.zero_grad()
    loss_of(proxy, lessons).backward()
    found = [one.grad if one.grad is not None else torch.zeros_like(one) for one in proxy.parameters()]
    weights = torch.stack([one.detach().norm() for one in proxy.parameters()]).norm()
    step = _STEP * weights / torch.stack([one.norm() for one in found]).norm()
    moved = []
    for sign in (1.0, -1.0):
        other = deepcopy(proxy)
        with torch.no_grad():
            for weight, slope in zip(other.parameters(), found, strict=True):
                weight += sign * step * slope
        moved.append(other.eval())
    proxy.zero_grad()
    return moved[0], moved[1]
