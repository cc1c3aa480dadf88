"""A small transformer that goes on with a text: attention to what came before, by torch's own kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

_TURN = 10_000.0  # base of the angles by which positions turn, as customary
_SPREAD = 0.05  # of embeddings at the beginning
_ROOM = 128  # tokens: more than an answer has, so that nothing is copied twice
_BACK = 4  # tokens that a place is held with, itself and those before: copying is learned in minutes, not in hours

Reader = Callable[[Tensor], Tensor]  # more tokens of each text in, the score of each next token out


@dataclass(frozen=True)
class Shape:
    """How large a model is."""

    layers: int
    width: int  # numbers a token is held as; a multiple of twice `heads`
    heads: int


@dataclass
class Kept:
    """What was read so far, so that it need not be read again."""

    last: Tensor | None = None  # tokens
    seen: list[Tensor] = field(default_factory=list)  # keys and values of each layer, with room for more
    length: int = 0

    def together(self, layer: int, new: Tensor) -> Tensor:
        """Keys and values of a layer with these behind them; what was there is copied only when there is no room."""
        end = self.length + new.shape[3]
        if layer == len(self.seen):
            self.seen.append(new)
        if end > self.seen[layer].shape[3]:
            had = self.seen[layer]
            room = had.new_empty(*had.shape[:3], end + _ROOM, had.shape[4])
            room[:, :, :, : self.length] = had[:, :, :, : self.length]
            self.seen[layer] = room
        self.seen[layer][:, :, :, self.length : end] = new
        return self.seen[layer][:, :, :, :end]


class Decoder(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """Tokens in, a score for each next token out."""

    def __init__(self, shape: Shape, vocabulary: int) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = nn.ModuleList(nn.Embedding(vocabulary, shape.width) for _ in range(_BACK))
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.scores = nn.Linear(shape.width, vocabulary, bias=False)
        for one in self.embeddings:
            nn.init.normal_(one.weight, std=_SPREAD)

    def reader(self, padding: Tensor) -> Reader:
        """Reads texts bit by bit, and remembers what it has read."""
        kept = Kept()
        return lambda tokens: self(tokens, padding, kept)[:, -1]

    def forward(self, tokens: Tensor, padding: Tensor | None = None, kept: Kept | None = None) -> Tensor:
        """`padding` says how many places before each text are empty; `kept` is what was read before, and is added to."""
        begin = kept.length if kept is not None else 0
        places = torch.arange(begin, begin + tokens.shape[1], device=tokens.device)
        angles = _angles(places, self.shape.width // self.shape.heads)
        mask = _visible(places, padding) if padding is not None else None
        held = self._held(tokens, kept)
        for number, layer in enumerate(self.layers):
            held = layer(held, angles, mask, partial(kept.together, number) if kept is not None else None)
        if kept is not None:
            kept.length += tokens.shape[1]
        return self.scores(self.norm(held))

    def _held(self, tokens: Tensor, kept: Kept | None) -> Tensor:
        """Each with those before it; before a text begins, there is padding, whose token is 0."""
        nothing = tokens.new_zeros(tokens.shape[0], _BACK - 1)
        last = nothing if kept is None or kept.last is None else kept.last
        every = torch.cat([last, tokens], 1)
        if kept is not None:
            kept.last = every[:, -(_BACK - 1) :]
        length = tokens.shape[1]
        parts = [
            embedding(every[:, _BACK - 1 - back : _BACK - 1 - back + length])
            for back, embedding in enumerate(self.embeddings)
        ]
        return torch.stack(parts).sum(0)


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.asks = nn.Linear(shape.width, 3 * shape.width)
        self.told = nn.Linear(shape.width, shape.width)
        self.wide, self.narrow = nn.Linear(shape.width, 4 * shape.width), nn.Linear(4 * shape.width, shape.width)

    def forward(
        self,
        held: Tensor,
        angles: tuple[Tensor, Tensor],
        mask: Tensor | None,
        together: Callable[[Tensor], Tensor] | None,
    ) -> Tensor:
        batch, length, width = held.shape
        parts = self.asks(self.before(held)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        query, key = _turned(query, angles), _turned(key, angles)
        if together is not None:
            key, value = together(torch.stack([key, value]))
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        held = held + self.told(seen.transpose(1, 2).reshape(batch, length, width))
        return held + self.narrow(functional.relu(self.wide(self.between(held))))


def _visible(places: Tensor, padding: Tensor) -> Tensor:
    """Which earlier places each place sees: those up to itself that are not empty, and itself even if it is."""
    earlier = torch.arange(int(places[-1]) + 1, device=places.device)
    causal = earlier[None, :] <= places[:, None]
    own = earlier[None, :] == places[:, None]
    return ((causal & (earlier[None, None, :] >= padding[:, None, None])) | own)[:, None]


def _angles(places: Tensor, width: int) -> tuple[Tensor, Tensor]:
    speeds = _TURN ** (-torch.arange(0, width, 2, device=places.device) / width)
    angles = places[:, None] * speeds
    return angles.cos(), angles.sin()


def _turned(of: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """By its position (RoPE), so that attention sees distances: the same with empty places before it as without."""
    one, other = of.chunk(2, -1)
    cosine, sine = angles
    return torch.cat([one * cosine - other * sine, one * sine + other * cosine], -1)
