"""The peak of a stage is its own, not that of a stage before it."""

from __future__ import annotations

import numpy as np

from stillwatch.run.memory import forget_peak, peak_mib

MIB = 1 << 20


def test_the_peak_is_of_what_came_since() -> None:
    forget_peak()
    before = peak_mib()
    held = np.ones(200 * MIB, np.uint8)
    assert peak_mib() >= before + 190
    del held
    forget_peak()
    assert peak_mib() <= before + 100
