"""Fingerprints: what two texts share they share in fingerprints, wherever the rest differs."""

from __future__ import annotations

import random
import re
import string
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ints import listed

from stillwatch.config import Config
from stillwatch.signals.sketch import sketch as one_alone
from stillwatch.signals.sketch import sketches

TEXT = Config().text
RUN = TEXT.window + TEXT.shingle_words - 1  # words in common from which a common fingerprint is promised

WORD = st.text(string.ascii_lowercase, min_size=1, max_size=7)
WORDS = st.lists(WORD, max_size=25)  # short enough that no fingerprint is left out for the limit of a sketch


def sketch(text: str | None) -> list[int]:
    return listed(sketches(pa.array([text], pa.string()), TEXT).sketch[0].as_py())


def hashed(text: str | bytes) -> int:
    kind = pa.string()
    made = pa.array([text], pa.binary()).view(kind) if isinstance(text, bytes) else pa.array([text], kind)
    return int(sketches(made, TEXT).hash[0])


def words(count: int, seed: int) -> str:
    dice = random.Random(seed)
    return " ".join("".join(dice.choices(string.ascii_lowercase, k=dice.randint(2, 9))) for _ in range(count))


@given(shared=st.lists(WORD, min_size=RUN, max_size=RUN), before=WORDS, after=WORDS, others=WORDS, rest=WORDS)
@settings(deadline=None, max_examples=150)
def test_a_shared_run_shares_a_fingerprint(
    shared: list[str], before: list[str], after: list[str], others: list[str], rest: list[str]
) -> None:
    one, other = " ".join([*before, *shared, *after]), " ".join([*others, *shared, *rest])
    assert set(sketch(one)) & set(sketch(other))


FRAME = (
    "Solve the following problem and write down every step that leads to the answer before you give it",
    "Finish with one line that holds nothing but the answer, and never leave out the unit of a quantity",
)


@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize("length", [5, 50, 500, 5000])
def test_a_slot_of_any_length_keeps_the_frames_fingerprints(place: str, length: int) -> None:
    order = {"start": "{0} {1} {2}", "middle": "{1} {0} {2}", "end": "{1} {2} {0}"}[place]
    texts = [order.format(words(length, seed), *FRAME) for seed in (1, 2, 3)]
    kept = set.intersection(*(set(sketch(text)) for text in texts))
    alone = set(sketch(" ".join(FRAME)))
    assert len(kept & alone) >= len(alone) // 2, "only fingerprints that span the slot may go"
    assert all(len(sketch(text)) <= TEXT.max_sketch for text in texts)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Invoice 4711 of the third of May is due in 30 days", "Invoice 12 of the third of May is due in 9 days"),
        ("The QUICK brown Fox jumps over THE lazy dog again", "the quick BROWN fox jumps over the LAZY dog again"),
        (
            "Über ÄRGER mit ÖFEN in ÉCOLE und ÎLE spricht man leise",
            "über ärger mit öfen in école und île spricht man leise",
        ),
        ("РЕШИТЕ УРАВНЕНИЕ И ОБЪЯСНИТЕ КАЖДЫЙ ШАГ ЕЁ РЕШЕНИЯ", "решите уравнение и объясните каждый шаг её решения"),
        ("Ѐ Ё Ђ Ѓ Є Ѕ І Ї Ј Љ Њ Ћ Ќ Ў Џ", "ѐ ё ђ ѓ є ѕ і ї ј љ њ ћ ќ ў џ"),
        ("one, two; three: four… five — six “seven” eight", "one two three four five six seven eight"),
    ],
)
def test_digits_case_and_marks_fold(one: str, other: str) -> None:
    assert sketch(one) == sketch(other)


def test_chinese_is_read_character_by_character() -> None:
    frame = "请详细写出完整的推理过程，不要省略任何步骤，然后给出最终答案"
    one, other = f"{frame}：一个水果店有四十五箱苹果", f"{frame}：小明今年十二岁了"
    assert set(sketch(one)) & set(sketch(other))
    assert set(sketch(f"甲乙丙丁{frame}")) & set(sketch(f"戊己庚辛壬癸{frame}"))
    assert not set(sketch(frame)) & set(sketch("今天天气很好，我想和朋友一起去公园散步，顺便买一些新鲜的水果"))


@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_read(data: bytes) -> None:
    made = sketches(pa.array([data], pa.binary()).view(pa.string()), TEXT)
    assert made.bytes.tolist() == [len(data)]


def test_cut_characters_do_not_reach_into_the_next_text() -> None:
    cut = "конец".encode()[:-1]
    pair = pa.array([cut, b"abc def"], pa.binary()).view(pa.string())
    alone = pa.array([cut], pa.binary()).view(pa.string())
    assert sketches(pair, TEXT).hash[0] == sketches(alone, TEXT).hash[0]
    assert listed(sketches(pair, TEXT).sketch[1].as_py()) == sketch("abc def")


@given(
    st.lists(st.one_of(WORD, st.sampled_from(["конец", "请详细", "写出完", "7", "\u00e9t\u00e9"])), max_size=60),
    st.integers(2, 90), st.integers(1, 9),
)  # fmt: skip
@settings(deadline=None, max_examples=300)
def test_one_text_alone_has_the_fingerprints_that_it_has_in_a_batch(pieces: list[str], most: int, kept: int) -> None:
    text, config = " ".join(pieces), replace(TEXT, max_bytes=most, max_sketch=kept)
    assert one_alone(text, config).tolist() == listed(sketches(pa.array([text]), config).sketch[0].as_py())


def test_nulls_count_as_empty() -> None:
    made = sketches(pa.array([None, "", "a b c", None], pa.string()), TEXT)
    assert made.sketch.to_pylist()[:2] == [b"", b""] and listed(made.sketch[2].as_py()) == sketch("a b c")
    assert made.hash[0] == made.hash[1] == made.hash[3] != made.hash[2]
    assert made.bytes.tolist() == [0, 0, 5, 0]
    assert len(sketches(pa.array([], pa.string()), TEXT).sketch) == 0


def test_slices_and_large_strings_are_the_same_texts() -> None:
    texts = [words(40, seed) for seed in range(6)] + [None, "a"]
    plain = sketches(pa.array(texts, pa.string()), TEXT)
    for made in (
        sketches(pa.array(["x y z", None, *texts], pa.string()).slice(2), TEXT),
        sketches(pa.array(texts, pa.large_string()), TEXT),
        sketches(pa.array(["w", *texts], pa.large_string()).slice(1), TEXT),
    ):
        assert made.hash.tolist() == plain.hash.tolist()
        assert made.sketch.to_pylist() == plain.sketch.to_pylist()
        assert made.bytes.tolist() == plain.bytes.tolist()


def letters(text: str) -> str:
    return re.sub("[^a-zа-яё]+", " ", text.lower())


PLAIN = st.text("abcXYZ дЁ,", max_size=40)


@given(one=PLAIN, other=PLAIN)
@settings(deadline=None, max_examples=200)
def test_equal_texts_and_only_they_have_equal_hashes(one: str, other: str) -> None:
    assert hashed(one) == hashed(one)
    if letters(one) != letters(other):
        assert hashed(one) != hashed(other)


def test_numbers_tell_texts_apart_though_not_fingerprints() -> None:
    assert sketch("what is 12 times 4 plus nine") == sketch("what is 13 times 7 plus nine")
    assert hashed("what is 12 times 4 plus nine") != hashed("what is 13 times 7 plus nine")


@given(st.lists(st.sampled_from(["a", "bb", "Das", "7", "2024", "x9", "школа", "Ещё", "学", "習", "."]), max_size=300))
@settings(deadline=None, max_examples=150)
def test_the_kernel_does_what_the_plain_rule_says(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert sketch(text) == naive_sketch(naive_words(text))


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.lists(st.sampled_from("ab"), max_size=40))
@settings(deadline=None, max_examples=100)
def test_without_a_common_shingle_there_is_no_common_fingerprint(one: list[str], other: list[str]) -> None:
    size = TEXT.shingle_words
    common = {tuple(one[i : i + size]) for i in range(len(one))} & {
        tuple(other[i : i + size]) for i in range(len(other))
    }
    if min(len(one), len(other)) >= size and not {run for run in common if len(run) == size}:
        assert not set(sketch(" ".join(one))) & set(sketch(" ".join(other)))


def naive_words(text: str) -> list[str]:
    """The rule in plain Python, for the scripts that the tests use: words, a Chinese character with the one before."""
    found, word, before = [], "", ""
    for character in text + " ":
        ideograph = "\u3400" <= character <= "\u9fff"
        if not ideograph and character.isalnum():
            word += character.lower()
            continue
        if word:
            found.append(word)
            word, before = "", ""
        if ideograph:
            found.append(before + character)
            before = character
    return found


def naive_sketch(found: list[str]) -> list[int]:
    """Shingles, windows and their minima, written down as in the paper; only the hash is the kernel's."""
    numbers = [naive_hash(word) for word in found]
    size, width = TEXT.shingle_words, TEXT.window
    if not numbers:
        return []
    if len(numbers) < size:
        return [_low(_polynomial(numbers))]
    mixed = [_polynomial(numbers[at : at + size]) for at in range(len(numbers) - size + 1)]
    if len(mixed) < width:
        return [_low(min(mixed))]
    chosen = []
    for start in range(len(mixed) - width + 1):
        at = min(range(start, start + width), key=lambda place: (mixed[place], -place))  # the last of equals
        if not chosen or chosen[-1] != at:
            chosen.append(at)
    head = TEXT.max_sketch // 2
    if len(chosen) > TEXT.max_sketch:
        chosen = chosen[:head] + chosen[-(TEXT.max_sketch - head) :]
    return [_low(mixed[at]) for at in chosen]


LIMIT = 2**64


def naive_hash(word: str) -> int:
    """A word's number: a run of digits is one symbol; a Chinese character comes with the one before, or with nothing."""
    symbols = [ord(one) for one in re.sub(r"\d+", "0", word)]
    if "\u3400" <= word[-1] <= "\u9fff":
        symbols = [0, *symbols][-2:]
    value = 0xCBF29CE484222325
    for symbol in symbols:
        value = (value ^ symbol) * 0x100000001B3 % LIMIT
    return value


def _polynomial(numbers: list[int]) -> int:
    value = 0
    for number in numbers:
        value = (value * 0x9E3779B97F4A7C15 + number) % LIMIT
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor % LIMIT
    return value ^ value >> 33


def _low(value: int) -> int:
    low = value % 2**32
    return low - 2**32 if low >= 2**31 else low
