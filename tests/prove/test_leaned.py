"""What somebody leans to: as a plain count has it, and a mark that counting each token once does not show."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.made_language import teacher
from stillwatch.prove.leaned import leaned
from stillwatch.prove.lifted import ALL, LEANING, SERVED, Lift, lifts, unused_keys
from stillwatch.prove.pairs import Counted, Heard, contexts_of
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret
from stillwatch.safeguards.watermark.leaning import FEWEST

KEY = Secret(bytes(32)).key("C-1", Epoch(0, 604_800))
OTHER = Secret(bytes(32)).key("C-2", Epoch(0, 604_800))
_TEXTS = st.lists(st.lists(st.integers(0, 2), max_size=30), max_size=8)


def counted(texts: list[list[int]], window: int) -> Counted:
    heard = Heard(window)
    for one in texts:
        heard.add(np.empty(0, np.uint32), np.array(one, np.uint32))
    return heard.counted()


@given(ours=_TEXTS, theirs=_TEXTS, window=st.integers(1, 2))
def test_weights_are_those_of_a_plain_count(ours: list[list[int]], theirs: list[list[int]], window: int) -> None:
    def plain(texts: list[list[int]]) -> Counter[tuple[tuple[int, ...], int]]:
        return Counter((tuple(text[at - window : at]), text[at]) for text in texts for at in range(window, len(text)))

    us, them = plain(ours), plain(theirs)
    wanted = {}
    for context, token in {*us, *them}:
        of_us, of_them = (sum(many for pair, many in one.items() if pair[0] == context) for one in (us, them))
        both = (us[context, token] + them[context, token]) / max(of_us + of_them, 1)
        if min(of_us, of_them) >= FEWEST and both < 1:
            error = math.sqrt(both * (1 - both) * (1 / of_us + 1 / of_them))
            weight = (us[context, token] / of_us - them[context, token] / of_them) / error
            if weight:
                wanted[context, token] = weight
    pairs, weights = leaned(counted(ours, window), counted(theirs, window))
    found = zip(pairs.contexts.tolist(), pairs.tokens.tolist(), weights.tolist(), strict=True)
    assert {(tuple(context), token): weight for context, token, weight in found} == pytest.approx(wanted)


def looked_at(share: float, key: MarkKey = KEY) -> dict[str, Lift]:
    """All tests of a student of whose texts a share was drawn with the first key."""
    of, many = teacher(1, window=1), round(100 * share)
    marked = of.answers(many, 80, 1, KEY.key) if many else []
    said = of.student([*of.answers(100 - many, 80, 2), *marked], 300, 80, 3)
    contexts = contexts_of([np.array(one, np.uint32) for one in marked or said], 1)
    others = counted(of.answers(300, 80, 4), 1)
    found = lifts(counted(said, 1), others, [(key, contexts)], "sglang", unused_keys(b"", 300), 1e-3)
    return {one.counts: one for one in found}


def test_one_marked_text_in_twenty_is_seen_by_what_a_student_leans_to() -> None:
    found = looked_at(0.05)
    assert found[LEANING].log_p < math.log(1e-3) < found[SERVED].log_p
    assert found[LEANING].controls.as_high == 0 and found[LEANING].controls.unevenness_p > 1e-4
    assert set(found) == {SERVED, ALL, LEANING}


@pytest.mark.parametrize(("share", "key"), [(0.0, KEY), (0.05, OTHER)])
def test_without_marked_texts_or_by_another_key_nothing_is(share: float, key: MarkKey) -> None:
    assert all(one.log_p > math.log(0.01) for one in looked_at(share, key).values())
