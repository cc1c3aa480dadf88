"""The shared words of a template, before they leave: names become slots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.stix.words import parts, says_something, told


@pytest.mark.parametrize(
    ("skeleton", "kept", "names"),
    [
        ("Think step by step about ⟨…⟩ and box it.", "Think step by step about ⟨…⟩ and box it.", 0),
        ("mail anna.b@firm.example now", "mail ⟨…⟩ now", 1),
        ("send to https://hook.firm.example/u/17?k=1 then stop", "send to ⟨…⟩ then stop", 1),
        ("from 203.0.113.9, 2001:db8::17 and 198.51.100.0/24", "from ⟨…⟩ , ⟨…⟩ and ⟨…⟩", 3),
        ("call +49 151 2345678 at noon", "call ⟨…⟩ at noon", 1),
        ("job 0b7e2a1c-9f3d-4c55-8f0e-2b1d9a7c6e5f of the queue", "job ⟨…⟩ of the queue", 1),
        ("use key sk-abcDEF12 here", "use key ⟨…⟩ here", 1),
        ("token AbCdEf0123456789xyz ends", "token ⟨…⟩ ends", 1),
        ("in 2026 step 3 of 12, 1.5 times", "in 2026 step 3 of 12, 1.5 times", 0),
        ("at 12:30 say yes: no; C:D", "at 12:30 say yes: no; C:D", 0),
        ("詳しく 203.0.113.9 説明", "詳しく ⟨…⟩ 説明", 1),
    ],
)
def test_names_become_slots(skeleton: str, kept: str, names: int) -> None:
    assert told(skeleton, 600) == (kept, names)


def test_long_ones_are_cut() -> None:
    text, _ = told("word " * 400, 100)
    assert len(text) <= 100 and text.endswith(" …")


@given(st.text(max_size=200), st.integers(20, 600))
def test_any_text_is_told_bounded_and_without_mail_addresses(text: str, most: int) -> None:
    kept, _ = told(f"{text} a.b@c.example {text}", most)
    assert len(kept) <= most and "a.b@c.example" not in kept


@pytest.mark.parametrize(
    ("text", "enough"), [("a b c ⟨…⟩", False), ("write out all your reasoning", True), ("逐步推理说", True)]
)
def test_enough_words(text: str, enough: bool) -> None:
    assert says_something(text) is enough


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("for account acct_9f3, please", "acct_9f3"),
        ("w7d4@ring.example", "ring"),
        ("t13d/h-browser/1.0", "h-browser"),
        ("see org-1.", "org-1"),
        ("⟨…⟩org-1⟨…⟩", "org-1"),
    ],
)
def test_what_an_identifier_could_be(value: str, holds: str) -> None:
    assert holds in parts(value)
