"""How much a token says about a mark, by how much there was to choose: the weight of its score.

Where a model is sure, its token is the same with a key and without, and its score is noise. If the score of a marked token has
the mean m, the sum in which it weighs 1 - 1 / m finds marks in the fewest tokens (the exponent of the p-value is largest). Of
a distribution of H nats, m is 1 + (π² / 6 - 1) H or more, whatever its shape.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TYPICAL_NATS = 1.0  # about what a chat model's answer has; tokens of which it is not known weigh as one of these
_GAIN = np.pi**2 / 6.0 - 1.0  # of a marked token's mean score, for each nat


def weights(nats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """1 where there are as many nats as is typical, less where there are fewer, none where there is nothing to choose."""
    return _raw(nats) / _raw(np.array(TYPICAL_NATS))


def _raw(nats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    gain = _GAIN * np.maximum(nats, 0.0)
    return gain / (1.0 + gain)
