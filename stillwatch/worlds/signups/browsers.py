"""What people sign up with: who it says it is, and whose TLS it sends."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import shipped

Places = npt.NDArray[np.int16]
EVERYBODY = ("desktop", "phone", "app", "odd")
INSPECTIONS = ("inspection-a", "inspection-b", "inspection-c", "antivirus-a", "antivirus-b")  # speak TLS for a browser


@cache
def browsers() -> list[dict[str, Any]]:
    return list(shipped.read("signups_browsers.yaml"))


@cache
def _of(parts: tuple[str, ...]) -> tuple[Places, npt.NDArray[np.float64]]:
    places = [place for place, one in enumerate(browsers()) if one["part"] in parts]
    weight = np.array([browsers()[place]["weight"] for place in places], float)
    return np.array(places, np.int16), weight / weight.sum()


def pick(rng: np.random.Generator, size: int, *parts: str) -> Places:
    """Browsers of these parts, the common ones more often."""
    places, weight = _of(parts or EVERYBODY)
    return np.asarray(places[rng.choice(len(places), size, p=weight)])


def stacks() -> npt.NDArray[np.str_]:
    """Whose TLS each sends."""
    return np.array([one["stack"] for one in browsers()])


def is_part(browser: Places, part: str) -> npt.NDArray[np.bool_]:
    return np.array([one["part"] == part for one in browsers()])[browser]
