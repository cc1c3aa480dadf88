import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.render.visible import clipped, one_line, visible
from stillwatch.render.wording import bits, count, day, instant, listed, number, percent, probability, span, strength


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (percent(0), "0%"),
        (percent(1), "100%"),
        (percent(0.0004), "<0.1%"),
        (percent(0.9996), ">99.9%"),
        (percent(0.9983), "99.8%"),
        (percent(0.034), "3.4%"),
        (percent(0.74), "74%"),
        (bits(6.21), "+6.2 bits"),
        (bits(-3.14), "−3.1 bits"),
        (probability(0.04), "p = 0.04"),
        (probability(3e-14), "p = 3×10⁻¹⁴"),
        (probability(0.0), "p < 1×10⁻³⁰⁰"),
        (number(71204), "71,204"),
        (number(0.8312345), "0.8312"),
        (number(1_234_567.8), "1,234,568"),
        (count(1, "account"), "1 account"),
        (count(1204, "account"), "1,204 accounts"),
        (day("2026-07-04T23:00:00-05:00"), "5 July 2026"),
        (day("next week"), "next week"),
        (instant("2026-07-04T06:05:00Z"), "4 July 2026, 06:05 UTC"),
        (span("2026-07-01", "2026-07-31"), "between 1 and 31 July 2026"),
        (span("2026-06-28", "2026-07-31"), "between 28 June and 31 July 2026"),
        (span("2025-12-28", "2026-01-02"), "between 28 December 2025 and 2 January 2026"),
        (span("2026-07-01T01:00:00Z", "2026-07-01T09:00:00Z"), "on 1 July 2026"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (listed(["a"]), "a"),
        (strength(0.8), "strong"),
        (strength(0.79), "moderate"),
        (strength(0.2), "weak"),
        (strength(0.0), "hardly any"),
    ],
)
def test_numbers_and_dates_in_words(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("\x1b[31m", "[U+001B][31m"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("می\u200cخواهم 👩\u200d💻 שלום\tok\n", "می\u200cخواهم 👩\u200d💻 שלום\tok\n"),
    ],
)
def test_hidden_characters_are_written_out_and_languages_are_left_alone(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text())
def test_nothing_obeyed_is_left(text: str) -> None:
    assert all(one in "\t\n" or unicodedata.category(one) not in {"Cc", "Cs"} for one in visible(text))
    assert visible(visible(text)) == visible(text)
    assert "\n" not in one_line(text)


def test_a_long_text_tells_how_much_is_not_shown() -> None:
    assert clipped("abcdef", 4) == "abcd… (2 more characters)"
    assert clipped("abcd", 4) == "abcd"
