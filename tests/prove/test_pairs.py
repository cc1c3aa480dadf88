"""What counts of answers: each context once, by the token that follows most often, and nothing that stood in the question."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.prove.pairs import Heard, Pairs, contexts_of
from stillwatch.safeguards.watermark.tokens import Tokens

_TEXTS = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), max_size=20)), max_size=6
)


def tokens(*of: int) -> Tokens:
    return np.array(of, np.uint32)


def heard(window: int, *said: tuple[Tokens, Tokens]) -> Pairs:
    listening = Heard(window)
    for shown, answer in said:
        listening.add(shown, answer)
    return listening.counted().once()


def told(pairs: Pairs) -> dict[tuple[int, ...], int]:
    return {
        tuple(context): token for context, token in zip(pairs.contexts.tolist(), pairs.tokens.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        pytest.param([((), (1, 2, 3))], {(1, 2): 3}, id="what follows two tokens"),
        pytest.param([((), (1, 2, 3)), ((), (1, 2, 4)), ((), (1, 2, 4))], {(1, 2): 4}, id="most often"),
        pytest.param([((), (1, 2, 4)), ((), (1, 2, 3))], {(1, 2): 3}, id="the smaller of equals"),
        pytest.param([((7, 1, 2), (1, 2, 3, 4))], {(2, 3): 4}, id="not what was shown"),
        pytest.param([((1, 2), (1, 2, 3)), ((), (1, 2, 4))], {(1, 2): 4}, id="only by whom it was shown to"),
        pytest.param([((), (1, 2)), ((), ())], {}, id="too short"),
    ],
)
def test_pairs(said: list[tuple[tuple[int, ...], tuple[int, ...]]], wanted: dict[tuple[int, ...], int]) -> None:
    assert told(heard(2, *((tokens(*shown), tokens(*answer)) for shown, answer in said))) == wanted


@given(said=_TEXTS, window=st.integers(1, 4))
def test_pairs_are_those_of_a_plain_count(said: list[tuple[list[int], list[int]]], window: int) -> None:
    times: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for shown, answer in said:
        copied = {tuple(shown[at : at + window]) for at in range(len(shown) - window + 1)}
        for at in range(window, len(answer)):
            context = tuple(answer[at - window : at])
            if context not in copied:
                times[context][answer[at]] += 1
    wanted = {
        context: min(token for token, many in of.items() if many == max(of.values())) for context, of in times.items()
    }
    found = heard(window, *((tokens(*shown), tokens(*answer)) for shown, answer in said))
    assert told(found) == wanted and len(found) == len(wanted)
    assert found.read == sum(len(answer) for _, answer in said)


def test_those_that_were_served_are_kept() -> None:
    pairs = heard(2, (tokens(), tokens(1, 2, 3, 4, 5)))
    served = contexts_of([tokens(9, 2, 3, 7), tokens(3, 4)], 2)
    assert told(pairs.among(served)) == {(2, 3): 4}, "a context that nothing was drawn after is none"
