"""The numbers that engines draw by, against small implementations of the published hashes and against released code."""

from __future__ import annotations

import hashlib
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark import philox
from stillwatch.safeguards.watermark.gumbel import Drawn, Text, attribute, detect, drawn, scores, uniform
from tests.safeguards.test_gumbel import murmur

FULL = 0xFFFFFFFF
KEY, SECOND = "0123456789abcdef", "fedcba9876543210"
SQUARES = [(one * one * 7919) % 50257 for one in range(60)]
WORDS, KEYS = st.integers(0, FULL - 1), st.integers(0, 2**64 - 1)
CHOICES = 64  # tokens that a made text is drawn from


def philoxed(counter: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """Philox4x32-10 of the paper, one number at a time."""
    a, b, c, d = counter
    for _ in range(10):
        left, right = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = right >> 32 ^ b ^ low, right & FULL, left >> 32 ^ d ^ high, left & FULL
        low, high = low + 0x9E3779B9 & FULL, high + 0xBB67AE85 & FULL
    return a, b, c, d


def vllm(key: int, context: list[int], token: int) -> float:
    """The number of a token after a context, as vLLM 0.33.0 defines it."""
    low, high = key & FULL, key >> 32
    state = (0x574D4358, len(context), 0, 0)
    for begin in range(0, len(context), 4):
        block = [*context[begin : begin + 4], *(FULL - one for one in range(4))][: len(context[begin : begin + 4])]
        block += [FULL - one for one in range(len(block), 4)]
        mixed = tuple(one ^ (other & FULL) for one, other in zip(state, block, strict=True))
        state = philoxed(mixed, low ^ begin, high)
    word = philoxed((token >> 2, *state[:3]), low ^ state[3], high ^ 0x574D544B)[token & 3]
    return float(np.float32(((word >> 8) + 1) / (2**24 + 1)))


def sglang(key: int, context: list[int], token: int) -> float:
    return (murmur(key & FULL, key >> 32, murmur(*context), token) + 0.5) / 2**32


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # the known answers of Random123 for philox4x32, 10 rounds
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((FULL,) * 4, (FULL, FULL), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_is_the_published_one(counter: tuple[int, ...], key: tuple[int, int], expected: tuple[int, ...]) -> None:
    words = [np.array([one], np.uint32) for one in (*counter, *key)]
    made = philox.philox((words[0], words[1], words[2], words[3]), (words[4], words[5]))
    assert tuple(int(one[0]) for one in made) == expected == philoxed(counter, *key)


@given(st.lists(KEYS, min_size=1, max_size=3), st.lists(WORDS, min_size=1, max_size=14), st.integers(1, 9))
def test_every_number_is_what_the_hash_gives(keys: list[int], tokens: list[int], window: int) -> None:
    padded = [FULL] * window + tokens
    of = drawn([Text(tokens)], "vllm", window)
    contexts = [padded[place : place + window] for place in range(len(tokens))]
    first = {tuple(context): token for context, token in reversed(list(zip(contexts, tokens, strict=True)))}
    expected = [[vllm(key, list(context), token) for context, token in sorted(first.items())] for key in keys]
    found = uniform([f"{key:016x}" for key in keys], of)
    order = [sorted(first).index(tuple(one)) for one in of.contexts.tolist()]
    assert np.array_equal(found, np.array(expected)[:, order])


@given(KEYS, KEYS, st.lists(WORDS, min_size=5, max_size=30), st.floats(0.01, 0.99))
def test_a_coin_picks_which_of_two_keys_drew(key: int, second: int, tokens: list[int], share: float) -> None:
    of = drawn([Text(tokens)], "sglang-dual", second=f"{second:016x}", share=share)
    expected, seen = [], set()
    for place in range(4, len(tokens)):
        context = tokens[place - 4 : place]
        if tuple(context) in seen:
            continue
        seen.add(tuple(context))
        coin = murmur(key & FULL, key >> 32, second & FULL, second >> 32, murmur(*context))
        expected.append(sglang(key if coin < int(share * 2**32) else second, context, tokens[place]))
    assert uniform([f"{key:016x}"], of)[0].tolist() == expected


@pytest.mark.parametrize(
    ("scheme", "options", "prompt", "tokens", "score", "log_p"),
    [  # of the released detectors, asked about the same tokens
        ("sglang-dual", {"second": SECOND}, [5, 6, 7], 60, 52.63340158996406, -0.18775994101431337),
        ("vllm", {}, [5, 6, 7], 60, 55.61097129620456, -0.35009398365999544),
        ("vllm", {"window": 6}, [], 60, 54.245391772611626, -0.2669932243500241),
        ("vllm-dual", {}, [], 60, 54.83081543290451, None),
    ],
)
def test_it_says_what_the_engines_say(
    scheme: str, options: dict[str, object], prompt: list[int], tokens: int, score: float, log_p: float | None
) -> None:
    found = detect(KEY, drawn([Text(SQUARES, prompt)], scheme, **options))  # type: ignore[arg-type]
    assert found.tokens == tokens and found.score == pytest.approx(score)
    assert log_p is None or found.log_p == pytest.approx(log_p)


def test_the_keys_that_vllm_makes_of_one() -> None:
    made = hashlib.sha256(b"key_b" + bytes.fromhex(KEY)).hexdigest()[:16]
    assert f"{philox.derived(int(KEY, 16))[1]:016x}" == made


def made(scheme: str, tokens: int, seed: int, window: int = 4) -> Text:
    """Tokens drawn as an engine draws them, from 64 after each context."""
    chance = random.Random(seed)
    prompt = [chance.randrange(CHOICES) for _ in range(window)]
    told = list(prompt) if scheme.startswith("sglang") else [-1] * window
    first, second = (int(KEY, 16), int(SECOND, 16)) if scheme == "sglang-dual" else philox.derived(int(KEY, 16))
    for _ in range(tokens):
        weights, context = [chance.expovariate(1.0) for _ in range(CHOICES)], told[-window:]
        if scheme == "vllm":
            numbers = [vllm(int(KEY, 16), context, one) for one in range(CHOICES)]
        elif scheme == "vllm-dual":
            key = first if chance.random() < 0.9 else second
            numbers = [vllm(key, context, one) for one in range(CHOICES)]
        else:
            coin = murmur(first & FULL, first >> 32, second & FULL, second >> 32, murmur(*context))
            numbers = [sglang(first if coin < 2**31 else second, context, one) for one in range(CHOICES)]
        told.append(max(range(CHOICES), key=lambda one: math.log(numbers[one]) / weights[one]))
    return Text(told[window:], prompt)


@pytest.mark.parametrize("scheme", ["sglang-dual", "vllm", "vllm-dual"])
def test_a_marked_text_is_found_by_its_key_and_scheme_alone(scheme: str) -> None:
    text = made(scheme, 40, 1)
    second = {"second": SECOND} if scheme == "sglang-dual" else {}
    of = drawn([text], scheme, **second)  # type: ignore[arg-type]
    assert len(of) == 40 and detect(KEY, of).log_p < math.log(1e-9)
    if scheme != "sglang-dual":  # of which the second key is right
        assert detect("0123456789abcdee", of).log_p > math.log(1e-3)
    other = "sglang" if scheme == "vllm" else "vllm"
    assert detect(KEY, drawn([text], other)).log_p > math.log(1e-3)
    keys = [f"{one:016x}" for one in range(50)]
    assert attribute([*keys, KEY], of)[0].place == 50


def test_a_second_key_that_all_share_speaks_for_none() -> None:
    """Its tokens look as if any key that is tried with it had drawn them: whom a text is of is asked of the others."""
    of = drawn([made("sglang-dual", 80, 2)], "sglang-dual", second=SECOND)
    wrong = [f"{one:016x}" for one in range(200)]
    assert np.median([detect(key, of).log_p for key in wrong]) < math.log(0.05)
    assert attribute(wrong, of)[0].log_p > math.log(0.01)
    right = attribute([*wrong, KEY], of)[0]
    assert right.place == 200 and right.log_p < math.log(1e-6) and 20 < right.score.tokens < 60


def test_a_prompt_is_not_in_the_contexts_that_vllm_draws_by() -> None:
    with_it, without = drawn([Text([1, 2, 3], [9, 9, 9, 9])], "vllm"), drawn([Text([1, 2, 3])], "vllm")
    assert len(without) == 3 and with_it.contexts.tolist() == without.contexts.tolist()
    assert without.contexts.tolist() == [[FULL] * 4, [FULL, FULL, FULL, 1], [FULL, FULL, 1, 2]]


def test_the_first_token_of_all_answers_counts_once_for_vllm() -> None:
    of = drawn([Text([1, 2]), Text([1, 3]), Text([4, 2])], "vllm")
    assert (len(of), of.repeated) == (3, 3)


@pytest.mark.parametrize("scheme", ["sglang", "vllm", "vllm-dual"])
def test_wrong_keys_find_unmarked_texts_as_often_as_is_said(scheme: str) -> None:
    chance, keys = np.random.default_rng(7), [f"{one:016x}" for one in range(500)]
    texts = [drawn([Text(one)], scheme) for one in chance.integers(0, 300, (3, 40)).tolist()]
    found = np.concatenate([[detect(key, one).log_p for key in keys] for one in texts])
    for level in (0.5, 0.1, 0.01):
        below = int((found <= math.log(level)).sum())
        assert abs(below - len(found) * level) < 4 * math.sqrt(len(found) * level * (1 - level))


def test_scores_do_not_depend_on_how_the_work_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    of = drawn([Text(SQUARES, entropies=[one % 3 for one in range(60)])], "vllm-dual")
    keys = [f"{one:016x}" for one in range(20)]
    whole = scores(keys, of)
    monkeypatch.setattr("stillwatch.safeguards.watermark.gumbel._AT_ONCE", 7)
    assert scores(keys, of) == pytest.approx(whole)


def test_what_counts_is_asked_before_repeats_are_left_out() -> None:
    """A context whose first token does not count is open to the next."""
    asked: list[tuple[tuple[int, ...], int]] = []

    def counts(context: tuple[int, ...], token: int) -> bool:
        asked.append((context, token))
        return (context, token) != ((1,), 2)

    of, plain = drawn([Text([1, 2, 1, 3], [8])], window=1, counts=counts), drawn([Text([1, 2, 1, 3], [8])], window=1)
    assert asked == [((8,), 1), ((1,), 2), ((2,), 1), ((1,), 3)]
    assert (of.tokens.tolist(), of.repeated) == ([1, 1, 3], 0)
    assert (plain.tokens.tolist(), plain.repeated) == ([1, 2, 1], 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scheme": "kgw"}, "sglang, sglang-dual, vllm, vllm-dual"),
        ({"window": 0}, "window of 0"),
        ({"scheme": "sglang-dual"}, "without a second key"),
        ({"scheme": "vllm-dual", "second": KEY}, "with a second key"),
        ({"scheme": "vllm", "share": 0.5}, "share 0.5 of vllm"),
        ({"scheme": "vllm-dual", "share": 1.5}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_is_told(options: dict[str, object], told: str) -> None:
    with pytest.raises(BadConfiguration, match=told):
        drawn([], **options)  # type: ignore[arg-type]


def test_nothing_is_shown_of_a_second_key() -> None:
    assert str(int(SECOND, 16)) not in repr(
        Drawn(np.zeros(0, np.uint32), np.zeros(0, np.uint32), second=int(SECOND, 16))
    )
