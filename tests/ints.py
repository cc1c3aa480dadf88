"""Lists of whole numbers as tables keep them, and back."""

from __future__ import annotations

import numpy as np


def packed(*numbers: int) -> bytes:
    return np.array(numbers, "<i4").tobytes()


def listed(data: bytes) -> list[int]:
    found: list[int] = np.frombuffer(data, "<i4").tolist()
    return found
