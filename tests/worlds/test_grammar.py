"""Phrase books: scopes repeat what they should, texts stay valid, mistakes are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.worlds.grammar import compile_books, phrase_books, without_missing
from stillwatch.worlds.prose import seeds_for, texts

BOOKS = {
    "colour": ["red", "green", "blue", "white", "black"],
    "twice": ["@{colour.row.1} @{colour.row.1}"],
    "once_a_session": ["@{colour.session.1}"],
    "number": ["@{#7-123}"],
    "nested": ["@{twice.item.1}/@{twice.item.1} @{#1-9.row}@{#1-9.row}"],
    "braces": ['{"a": {}}'],
}


def written(name: str, rows: int = 200) -> list[str]:
    grammar = compile_books(BOOKS)
    at = np.arange(rows, dtype=np.uint64)
    seeds = seeds_for(rows, row=at + 1, session=at // 10 + 5, item=at // 2)
    return texts(grammar, np.full(rows, grammar.symbol(name)), seeds).to_pylist()


def test_a_scope_repeats_inside_a_text() -> None:
    assert all(first == second for first, second in (text.split() for text in written("twice")))


def test_a_session_keeps_its_choice_and_sessions_differ() -> None:
    found = written("once_a_session")
    assert all(len(set(found[at : at + 10])) == 1 for at in range(0, 200, 10))
    assert len(set(found)) == 5


def test_bound_phrases_repeat_with_all_that_is_in_them() -> None:
    for text in written("nested"):
        colours, digits = text.rsplit(" ", 1)
        first, second = colours.split("/")
        assert first == second
        assert digits[0] == digits[1]


def test_numbers_stay_in_their_bounds_and_braces_survive() -> None:
    assert {7 <= int(text) <= 123 for text in written("number", 2_000)} == {True}
    assert set(written("braces", 3)) == {'{"a": {}}'}


def test_weights_count() -> None:
    grammar = compile_books({"coin": ["9× heads", "tails"]})
    at = np.arange(4_000, dtype=np.uint64)
    found = texts(grammar, np.zeros(4_000, np.int64), seeds_for(4_000, row=at)).to_pylist()
    assert 0.88 < found.count("heads") / 4_000 < 0.92


def test_nulls_are_negative_starts() -> None:
    grammar = compile_books(BOOKS)
    found = texts(grammar, np.array([-1, grammar.symbol("braces"), -1]), seeds_for(3)).to_pylist()
    assert found == [None, '{"a": {}}', None]


@pytest.mark.parametrize(
    ("books", "what"),
    [({"a": ["@{b}"]}, "no phrases called 'b'"), ({"a": ["@{a.forever}"]}, "no scope 'forever'")],
)
def test_mistakes_are_named(books: dict[str, list[str]], what: str) -> None:
    with pytest.raises(BadConfiguration, match=what):
        compile_books(books)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_verbatim_texts_come_out_letter_by_letter(given_texts: list[str]) -> None:
    clean = [text.encode("utf-8", "ignore").decode() for text in given_texts]
    grammar = compile_books({"quote": ["<@{real_x}>"]}, {"real_x": clean})
    at = np.arange(20, dtype=np.uint64)
    found = texts(grammar, np.full(20, grammar.symbol("quote")), seeds_for(20, row=at)).to_pylist()
    assert set(found) <= {f"<{text}>" for text in clean}


def test_every_shipped_name_makes_texts() -> None:
    books = without_missing(phrase_books(), ())
    grammar = compile_books(books)
    at = np.arange(50, dtype=np.uint64)
    for name in books:
        made = texts(grammar, np.full(50, grammar.symbol(name)), seeds_for(50, row=at, item=at, session=at, frame=at))
        made.validate(full=True)
        assert "@{" not in "".join(made.to_pylist()), name
