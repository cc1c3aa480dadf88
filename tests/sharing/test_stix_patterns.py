"""Whatever a value holds, its pattern is valid, and gives the value back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stillwatch.readers.stix import compared
from stillwatch.sharing.stix import patterns

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)


@given(TEXT)
@example("it's a \\ path\\")
@example("'] OR [x-stillwatch:tls = 'planted")
@example("two\nlines\t⟨…⟩ \\'")
def test_a_value_comes_back_as_it_was(value: str) -> None:
    assert compared(patterns.own("template_skeleton", value)) == [("template_skeleton", value)]
    assert compared(patterns.text("domain-name:value", value)) == [("domain-name", value)]


@given(TEXT)
@example("'] OR [x-stillwatch:tls = 'planted")
@example("\\")
def test_a_pattern_is_valid_to_others_and_one_comparison(value: str) -> None:
    others = pytest.importorskip("stix2patterns.v21.pattern")
    found = others.Pattern(patterns.own("template_skeleton", value)).inspect().comparisons
    assert [(kind, [(path, operator) for path, operator, _ in tests]) for kind, tests in found.items()] == [
        ("x-stillwatch", [(["template_skeleton"], "=")])
    ]


@given(st.integers(0, 2**32 - 1))
def test_numbers_stand_without_quotes(number: int) -> None:
    made = patterns.number("autonomous-system:number", number)
    assert compared(made) == [("autonomous-system", str(number))]


@pytest.mark.parametrize(
    ("pattern", "pairs"),
    [
        ("[autonomous-system:number = 64496 OR autonomous-system:number=64497]", ["64496", "64497"]),
        ("[autonomous-system:number > 64496]", []),
        ("[autonomous-system:number = 64496 AND ipv4-addr:value = '203.0.113.1']", []),
        ("[autonomous-system:number = 0x1F]", []),
    ],
)
def test_numbers_of_others(pattern: str, pairs: list[str]) -> None:
    assert [value for _, value in compared(pattern)] == pairs
