"""Client software: who it says it is, and the TLS and header fingerprints of the program that really connects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import shipped


@dataclass(frozen=True)
class Clients:
    kinds: tuple[str, ...]
    agents: tuple[str, ...]
    tls: tuple[str, ...]
    headers: tuple[str, ...]

    def pick(self, rng: np.random.Generator, size: int, *kinds: str) -> npt.NDArray[np.int16]:
        """Clients of these kinds, newer and commoner ones first in line."""
        fitting = np.array([place for place, kind in enumerate(self.kinds) if kind in kinds])
        weights = 1.0 / np.sqrt(np.arange(1, len(fitting) + 1))
        return fitting[rng.choice(len(fitting), size, p=weights / weights.sum())].astype(np.int16)


def ja4(stack: str) -> str:
    """The TLS fingerprint of a stack, in the form of JA4."""
    digest = sha256(stack.encode()).hexdigest()
    return f"t13d{10 + int(digest[0], 16)}{10 + int(digest[1], 16)}h2_{digest[2:14]}_{digest[14:26]}"


@cache
def clients() -> Clients:
    rows = shipped.read("clients.yaml")
    return Clients(
        tuple(row["kind"] for row in rows),
        tuple(row["agent"] for row in rows),
        tuple(ja4(row["stack"]) for row in rows),
        tuple(sha256((row["stack"] + row["kind"]).encode()).hexdigest()[:12] for row in rows),
    )
