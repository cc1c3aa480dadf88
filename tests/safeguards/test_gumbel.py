"""The detector: it says what SGLang's own says, finds marked texts and who they are of, and leaves other texts alone."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from stillwatch.safeguards.watermark.gumbel import Text, attribute, detect, drawn
from stillwatch.safeguards.watermark.keys import ALL, Epoch, Secret

KEY = "0123456789abcdef"
SQUARES = [(one * one * 7919) % 50257 for one in range(60)]
CHOICES = 64  # tokens that a made text is drawn from


def murmur(*words: int) -> int:
    """MurmurHash3 (x86, 32 bits) of words of four bytes, one step after another."""
    full, state = 0xFFFFFFFF, 0
    for word in words:
        word = word * 0xCC9E2D51 & full
        word = (word << 15 | word >> 17) * 0x1B873593 & full
        state ^= word
        state = ((state << 13 | state >> 19) & full) * 5 + 0xE6546B64 & full
    state ^= 4 * len(words)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        state = (state ^ state >> shift) * factor & full
    return state


def text(tokens: int, key: str = "", seed: int = 0, spread: float = 1.0, window: int = 4) -> Text:
    """Tokens drawn with a key as an engine draws them, or without; the smaller `spread`, the less there is to choose."""
    chance = random.Random(seed)
    prompt = [chance.randrange(CHOICES) for _ in range(window)]
    made, low, high = list(prompt), int(key or "0", 16) & 0xFFFFFFFF, int(key or "0", 16) >> 32
    for _ in range(tokens):
        weights = [chance.expovariate(1.0) ** (1.0 / spread) for _ in range(CHOICES)]
        if not key:
            made += chance.choices(range(CHOICES), weights)
            continue
        context, total = murmur(*made[-window:]), sum(weights)
        uniform = [(murmur(low, high, context, one) + 0.5) / 2**32 for one in range(CHOICES)]
        made.append(max(range(CHOICES), key=lambda one: math.log(uniform[one]) * total / weights[one]))
    return Text(made[window:], prompt)


def test_the_hash_is_the_published_one() -> None:
    assert murmur(int.from_bytes(b"test", "little")) == 0xBA6BD213  # a vector that is known for it, seed 0
    assert drawn([Text([7], [int.from_bytes(b"test", "little")])]).contexts.tolist() == [0xBA6BD213]


@pytest.mark.parametrize(
    ("key", "window", "prompt", "tokens", "score", "log_p"),
    [
        (KEY, 4, [], 56, 44.189527031947044, -0.049688697115050307),
        ("f" * 16, 4, [5, 6, 7], 60, 58.79159384021495, -0.606312946471061),
        ("1", 2, list(range(9)), 60, 52.73715827045438, -0.19228118048282372),
    ],
)
def test_it_says_what_sglang_says(
    key: str, window: int, prompt: list[int], tokens: int, score: float, log_p: float
) -> None:
    """Of the detector in SGLang 0.5.23's wheel, asked about the same tokens."""
    found = detect(key, drawn([Text(SQUARES, prompt)], window=window))
    assert found.tokens == tokens and found.score == pytest.approx(score) and found.log_p == pytest.approx(log_p)


@pytest.mark.parametrize(
    ("texts", "counted", "repeated"),
    [
        ([Text([])], 0, 0),
        ([Text([1, 2, 3, 4])], 0, 0),  # their contexts begin in a prompt that nobody knows
        ([Text([1, 2, 3, 4, 5])], 1, 0),
        ([Text([1, 2, 3, 4, 5], [9])], 5, 0),
        ([Text([1] * 50, [1] * 4)], 1, 49),
        ([Text([1, 2, 3, 4, 5])] * 3, 1, 2),
        ([Text([1, 2, 3, 4, 5]), Text([1, 2, 3, 4, 6])], 1, 1),
    ],
)
def test_each_context_counts_once_over_all_texts(texts: list[Text], counted: int, repeated: int) -> None:
    of = drawn(texts)
    assert (len(of), of.repeated) == (counted, repeated)
    assert detect(KEY, of).tokens == counted and detect(KEY, of).log_p <= 0.0


def test_no_more_of_an_answer_counts_than_the_engine_marks() -> None:
    assert len(drawn([Text(range(500), [0]), Text(range(900, 1_400), [1])], most=100)) == 200


@pytest.mark.parametrize(
    ("tokens", "spread", "below"),
    [(50, 1.0, 1e-9), (200, 1.0, 1e-40), (200, 0.15, 1e-6)],  # some 3.7 nats a token, and 1.1
)
def test_a_marked_text_is_found_by_its_key_alone(tokens: int, spread: float, below: float) -> None:
    of = drawn([text(tokens, KEY, spread=spread)])
    assert detect(KEY, of).log_p < math.log(below)
    assert detect("0123456789abcdee", of).log_p > math.log(1e-3)


def test_where_there_is_nothing_to_choose_there_is_no_mark() -> None:
    assert detect(KEY, drawn([text(200, KEY, spread=0.02)])).log_p > math.log(1e-3)


def test_probabilities_below_what_a_float_holds() -> None:
    assert -20_000 < detect(KEY, drawn([text(3_000, KEY)])).log_p < -2_000


@pytest.mark.parametrize("level", [0.5, 0.1, 0.01])
def test_unmarked_texts_are_taken_for_marked_as_often_as_is_said(level: float) -> None:
    chance, texts = np.random.default_rng(3), 2_000
    made = [drawn([Text(one)]) for one in chance.integers(0, 500, (texts, 60)).tolist()]
    found = sum(detect(KEY, one).log_p <= math.log(level) for one in made)
    assert abs(found - texts * level) < 4 * math.sqrt(texts * level * (1 - level))


@pytest.mark.parametrize("of", [0, 17, 23_999])
def test_whose_text_it_is_among_as_many_keys_as_there_were_accounts(of: int) -> None:
    made, week = Secret(bytes(32)), Epoch(0, 604_800)
    keys = [made.key(f"C-{number}", week).key for number in range(24_000)]
    first, second = attribute(keys, drawn([text(100, keys[of], seed=of)]), best=2)
    assert first.place == of and first.log_p < math.log(1e-6)
    assert second.log_p > math.log(0.01)
    assert attribute(keys, drawn([text(100, made.key(ALL, week).key)]))[0].log_p > math.log(0.01), "of none of them"


def test_several_that_are_right_are_each_held_to_what_is_left_of_the_keys() -> None:
    keys = [KEY, "0" * 16, "0123456789abcde0"]
    of = drawn([text(100, KEY), text(100, keys[2], seed=1)])
    told = attribute(keys, of)
    assert {told[0].place, told[1].place} == {0, 2} and told[2].place == 1
    expected = np.log(3 - np.arange(3)) + [one.score.log_p for one in told]
    assert [one.log_p for one in told] == pytest.approx(np.minimum(np.maximum.accumulate(expected), 0.0))
