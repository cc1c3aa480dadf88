"""The matcher: boundaries, folding, the cut in long texts, and agreement with a slow and simple one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.signals.automaton import Automaton, build
from stillwatch.signals.lexicon import TAGS, Lexicon, Phrase, spell
from stillwatch.signals.phrases import MAX_SPANS, find

CODING, THOUGHT = TAGS.index("coding"), TAGS.index("chain_of_thought")
WHOLE = 1_000_000  # bytes read: more than any text here
PHRASES = (
    "step by step", "by", "grad*", "```", "<think*", "по шагам", "рассужд*", "一步一步", "步", "scale of 1 to 10",
    "step b", "python代码", "by step 1", "->", "о", "été",
)  # fmt: skip


def automaton(*texts: str) -> Automaton:
    return build(Lexicon(tuple(Phrase(text, ((CODING, 0.5),), "xx") for text in texts), {}))


AUTOMATON = automaton(*PHRASES)


def found(text: str, limit: int = WHOLE, type: pa.DataType | None = None) -> list[tuple[str, str]]:
    """(phrase, text of the span) for each span."""
    got = find(pa.array([text], type or pa.string()), AUTOMATON, limit)
    spans = zip(got.phrase[0], got.start[0], got.length[0], strict=True)
    return [(PHRASES[p], text.encode()[s : s + n].decode()) for p, s, n in list(spans)[: got.count[0]]]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", []),
        ("by", [("by", "by")]),
        ("Go by", [("by", "by")]),
        ("baby, nearby, bypass, by2, _by_", [("by", "by")]),  # an underscore is a space
        ("BY", [("by", "BY")]),
        ("пby", []),
        ("byп", []),
        ("步by步", [("步", "步"), ("by", "by")]),  # Chinese around a word is a boundary
        ("STEP-by\n\n step!", [("by", "by"), ("step by step", "STEP-by\n\n step")]),
        ("stepstep by step", [("by", "by")]),
        ("gradient", [("grad*", "grad")]),
        ("upgrade", []),
        ("x```y", [("```", "```")]),
        ("a<THINKING>", [("<think*", "<THINK")]),
        ("ПО  ШАГАМ", [("по шагам", "ПО  ШАГАМ")]),
        ("по шагами", []),
        ("Рассуждение", [("рассужд*", "Рассужд")]),
        ("请一步一步来", [("步", "步"), ("一步一步", "一步一步")]),
        ("a scale of 5 to 2000", [("scale of 1 to 10", "scale of 5 to 2000")]),
        ("a scale of 5 to 20th", []),
        ("写PYTHON代码", [("python代码", "PYTHON代码")]),
        ("ete Été", [("été", "ete")]),
        ("a -> b", [("->", " -> ".strip())]),
    ],
)
def test_what_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    spans = [(phrase, span.strip()) for phrase, span in found(text)]
    assert spans == expected


def test_arrow_layouts_give_the_same() -> None:
    texts = ["step by step", None, "", "по шагам by", "x"]
    plain = find(pa.array(texts), AUTOMATON, WHOLE)
    large = find(pa.array(texts, pa.large_string()), AUTOMATON, WHOLE)
    sliced = find(pa.array(["by by", *texts, "by"]).slice(1, 5), AUTOMATON, WHOLE)
    for other in (large, sliced):
        assert np.array_equal(plain.weights, other.weights)
        assert np.array_equal(plain.start, other.start)
    assert plain.weights[:, CODING].tolist() == [0.5, 0.0, 0.0, 1.0, 0.0]
    assert find(pa.nulls(2), AUTOMATON, WHOLE).count.tolist() == [0, 0]
    assert find(pa.array([], pa.string()), AUTOMATON, WHOLE).weights.shape == (0, len(TAGS))


@pytest.mark.parametrize(
    "text, limit, expected",
    [
        ("by " + "x" * 50 + " grad", 20, ["by", "grad*"]),  # both ends are read
        ("x" * 30 + " by " + "x" * 30, 20, []),  # the middle is not
        ("x" * 7 + " by" + "y" * 30, 20, []),  # a word cut at the end of the head is not complete
        ("x" * 7 + " by " + "y" * 30, 20, ["by"]),
        ("y" * 30 + "by" + "x" * 8, 20, []),  # nor one cut at the start of the tail
        ("y" * 30 + "by " + "x" * 7, 20, []),
        ("y" * 30 + " by" + " " + "x" * 7, 20, ["by"]),
        ("step by" + "x" * 40 + " step", 14, []),  # nothing matches across the cut
        ("步" * 30, 20, ["步"]),  # 20 bytes cut characters of three bytes at both ends
        ("о " + "ы" * 40 + " о", 11, ["о"]),
        ("ы" * 40 + "о", 11, []),
    ],
)
def test_long_texts_are_read_from_both_ends(text: str, limit: int, expected: list[str]) -> None:
    assert [phrase for phrase, _ in found(text, limit)] == expected


def test_a_phrase_counts_once_and_overlapping_ones_as_the_heaviest() -> None:
    phrases = (("step by step", 0.25), ("think step by step", 0.5), ("step by step reasoning", 0.75), ("python", 1.0))
    built = build(Lexicon(tuple(Phrase(text, ((CODING, weight),), "xx") for text, weight in phrases), {}))
    texts = {
        "step by step, step by step": 0.25,
        "think step by step": 0.5,
        "think step by step. think step by step": 0.5,
        "step by step reasoning": 0.75,
        "think step by step reasoning": 0.75,
        "think step by step in python": 1.5,
    }
    assert find(pa.array(list(texts)), built, WHOLE).weights[:, CODING].tolist() == list(texts.values())


def test_eliciting_spans_come_first_and_are_at_most_eight() -> None:
    plain = [Phrase(f"word{chr(97 + i)}", ((CODING, 0.1),), "xx") for i in range(10)]
    built = build(Lexicon((*plain, Phrase("inner monologue", ((THOUGHT, 1.0),), "xx")), {}))
    got = find(pa.array([" ".join(one.text for one in plain) + " inner monologue"]), built, WHOLE)
    assert got.count[0] == MAX_SPANS
    assert got.eliciting[0] == 1
    assert got.phrase[0].tolist() == [10, 0, 1, 2, 3, 4, 5, 6]


# ------------------------------------------------------------------------------------------ against a simple matcher


def simple(text: str) -> dict[int, tuple[int, int]]:
    """The first place of each phrase, by trying every phrase everywhere in a list of folded characters."""
    symbols: list[str | int] = []
    places: list[tuple[int, int]] = []  # bytes [start, end) of each symbol
    at = 0
    for character in text:
        for symbol, size in (
            [(one, 1) for one in spell(character)]
            if len(character.encode()) > 2
            else [(spell(character)[0], len(character.encode()))]
        ):
            if symbols and symbol in (" ", "0") and symbols[-1] == symbol:
                places[-1] = (places[-1][0], at + size)
            else:
                symbols.append(symbol)
                places.append((at, at + size))
            at += size

    def is_word(position: int) -> bool:
        return 0 <= position < len(symbols) and isinstance(symbols[position], str) and str(symbols[position]).isalnum()

    first: dict[int, tuple[int, int]] = {}
    for number, phrase in enumerate(PHRASES):
        wanted = spell(phrase.removesuffix("*"))
        for i in range(len(symbols) - len(wanted) + 1):
            end = i + len(wanted)
            starts_inside = is_word(i) and is_word(i - 1)
            ends_inside = is_word(end - 1) and is_word(end) and not phrase.endswith("*")
            if symbols[i:end] == wanted and not starts_inside and not ends_inside:
                first[number] = (places[i][0], places[end - 1][1])
                break
    return first


PIECES = st.sampled_from(
    [
        *PHRASES,
        *"abcdПпОоЁёéßあ思🙂 \n\t-_.,<`1909²",
        "step",
        "STEP",
        "По ",
        "шагам",
        "scale of 7",
        " to 10",
        "一",
        "рассуждать",
    ]
).map(lambda piece: piece.removesuffix("*"))


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=30))
def test_agrees_with_a_simple_matcher(text: str) -> None:
    expected = simple(text)
    got = find(pa.array([text]), AUTOMATON, WHOLE)
    spans = {
        int(p): (int(s), int(s + n))
        for p, s, n in list(zip(got.phrase[0], got.start[0], got.length[0], strict=True))[: got.count[0]]
    }
    if len(expected) <= MAX_SPANS:
        assert spans == expected
    else:
        assert spans.items() <= expected.items()
