"""What the mere look of a prompt adds."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.evidence import CAPABILITIES
from stillwatch.signals.shape import CODE_WEIGHT, NUMBERS_WEIGHT, shape


@pytest.mark.parametrize(
    "prompt, reasoning, coding",
    [
        ("", 0.0, 0.0),
        ("Ten of them", 0.0, 0.0),
        ("Since 2019", 0.0, 0.0),
        ("12 apples and 7 pears", NUMBERS_WEIGHT, 0.0),
        ("a = b;\nc = f(a)\nd", 0.0, CODE_WEIGHT),
        ("one;\n two", 0.0, 0.0),
        ("milk;\neggs;\n" + "prose\n" * 20, 0.0, 0.0),
        ("rename the_thing", 0.0, CODE_WEIGHT),
        ("see `run` there", 0.0, CODE_WEIGHT),
        ("```\nquote\n```", 0.0, 0.0),
        ("_emphasis_ and __more__", 0.0, 0.0),
    ],
)
def test_shape(prompt: str, reasoning: float, coding: float) -> None:
    strength = shape(pa.array([prompt]), 1000)[0]
    assert strength[CAPABILITIES.index("reasoning")] == pytest.approx(reasoning)
    assert strength[CAPABILITIES.index("coding")] == pytest.approx(coding)


def test_only_the_first_bytes_are_read() -> None:
    assert not shape(pa.array(["x" * 50 + " 1 2 3"]), 20).any()
