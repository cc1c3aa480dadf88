"""How likely it is that as many ordinary accounts, each as busy, turn as much to a new model as these did.

A randomisation test: each member is replaced by an unclustered account of its own class of volume, drawn at random. Few
people move half-way on one day, most not at all or wholly, so the mean of a handful is nothing like normal: of random groups
of five or ten, a normal test found six or seven in a thousand where it says one (docs/decisions/0010-releases.md). All draws
are counted at once instead of some being made: the sum of independent draws has the product of their generating functions,
which a Fourier transform evaluates (Pagano and Tritchler, "On obtaining permutation distributions in polynomial time", JASA
78, 1983). So there is no seed, and no smallest p-value that a number of draws could give.

What is added up is each member's share, up to `JUMP`: from there on it has turned, and who moves wholly has not turned twice.
A queue moves request by request, so every account of it has moved a part, where of people one in five has moved wholly; the
sum of whole shares cannot tell eleven of the one from two or three of the other.

What is asked is whether they moved more than `MORE` times as much as others do: as those as busy, or as everybody, whichever
is more, since of some classes of volume hardly anybody moves. The draws are made from others who move
that much: of all distributions with such a mean, the one nearest to what was observed, which is its exponential tilt
(Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of Statistics 9, 1981). And to each
class one account is added that moved wholly, as a permutation test counts what it tests among its draws (Phipson and
Smyth, "Permutation p-values should never be zero", 2010): where none of twenty moved, one in twenty-one may.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.releases import ENOUGH, STEPS

JUMP = 0.3  # of its exchanges, from which it turned to the new model: the disclosed campaign sent it nearly half
MORE = 1.5  # times what was to be expected, from which it is a jump: heavy users differ by a third for no reason
SMALLEST_P = 1e-9  # what is less is lost in the rounding of the transform of some ten thousand draws, and told as this
_HALVINGS = 60  # of the interval that the tilt is searched in: down to the last digit
_STEEPEST = 40.0  # tilt per step that leaves nothing but the last step that anybody is on
_SCORES = np.minimum(np.arange(STEPS + 1), round(JUMP * STEPS))  # what each step adds to the sum

Counts = npt.NDArray[np.float64]  # (STEPS + 1,): accounts by share moved, or chances of it


class Others:
    """Unclustered accounts in the day after one release: by class of volume, how many moved which share."""

    def __init__(self, by_volume: Mapping[int, Counts], more: float = MORE) -> None:
        self._by_volume = by_volume
        self._everybody = sum(by_volume.values(), np.zeros(STEPS + 1))
        self._more = more
        self._drawn: dict[int, Counts] = {}

    def chance(self, members: Mapping[int, Counts]) -> float:
        """Probability that as many draws from the members' classes of volume add up to at least as much; 1 for no others."""
        if not self._everybody.any() or not members:
            return 1.0
        moved = int(sum(counts @ _SCORES for counts in members.values()))
        return _tail([(self._chances(volume), int(counts.sum())) for volume, counts in members.items()], moved)

    def _chances(self, volume: int) -> Counts:
        """Of a draw from a class of volume, the chance of each score; of everybody where the class has few."""
        if volume not in self._drawn:
            counts = self._by_volume.get(volume, self._everybody)
            counts = (counts if counts.sum() >= ENOUGH else self._everybody).copy()
            counts[STEPS] += 1
            expected = max(_mean(counts), _mean(self._everybody))
            chances = tilted(counts / counts.sum(), self._more * expected)
            self._drawn[volume] = np.bincount(_SCORES, weights=chances).astype(np.float64)
        return self._drawn[volume]


def _mean(counts: Counts) -> float:
    """In steps."""
    return float(counts @ np.arange(STEPS + 1) / counts.sum())


def tilted(chances: Counts, wanted: float) -> Counts:
    """Of all distributions with a mean of so many steps or more, the nearest; its last step alone if none has."""
    steps = np.arange(STEPS + 1)

    def tilt(by: float) -> Counts:
        weights = chances * np.exp(by * (steps - STEPS))
        made: Counts = weights / weights.sum()
        return made

    low, high = 0.0, _STEEPEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if tilt(middle) @ steps < wanted else (low, middle)
    return tilt(high)


def _tail(draws: list[tuple[Counts, int]], at_least: int) -> float:
    """Probability that draws, so many from each distribution of scores, add up to so much or more."""
    size = int(_SCORES[-1]) * sum(times for _, times in draws) + 1
    length = 1 << (size - 1).bit_length()
    transform = np.ones(length // 2 + 1, complex)
    for chances, times in draws:
        transform *= np.fft.rfft(chances, length) ** times
    return float(min(max(np.fft.irfft(transform, length)[at_least:size].sum(), SMALLEST_P), 1.0))
