"""Templates recognised: in texts that were not mined, in enough of their fingerprints, the longest frame first."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from ints import packed
from test_templates import CONFIG, FRAMES, MANY, documents, made_from, prose

from stillwatch import tables
from stillwatch.signals.sketch import sketch, sketches
from stillwatch.templates import templates
from stillwatch.uses import Recogniser, settings_of, uses, with_settings


def recogniser(*templates: tuple[str, list[int]], usual: float | None = None) -> Recogniser:
    rows = [
        {
            "template_id": name,
            "field": "prompt",
            "shingles": shingles,
            "usual_shingles": float(len(shingles)) if usual is None else usual,
            "sampled_documents": 1,
            "sampled_accounts": 1,
        }
        for name, shingles in templates
    ]
    return Recogniser(pa.Table.from_pylist(rows, schema=tables.TEMPLATES.schema), "prompt", CONFIG.templates)


def recognised(known: Recogniser, *sketch: list[int]) -> list[str | None]:
    names: list[str | None] = known.recognise(pa.array([packed(*one) for one in sketch], pa.binary())).to_pylist()
    return names


@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize("language", list(FRAMES))
def test_unseen_texts_are_recognised(language: str, place: str) -> None:
    dice = random.Random(f"{language} {place}")
    seen = [(f"a{n % 9}", made_from(FRAMES[language], language, place, 0.7, dice)) for n in range(MANY)]
    known = Recogniser(templates(documents(*seen), CONFIG.templates), "prompt", CONFIG.templates)
    (name,) = known.names.to_pylist()
    unseen = [made_from(FRAMES[language], language, place, share, dice) for share in (0.1, 0.5, 0.9) for _ in range(20)]
    ordinary = [prose(language, 40, dice) for _ in range(60)]
    made = sketches(pa.array(unseen + ordinary, pa.string()), CONFIG.text).sketch
    assert known.recognise(made).to_pylist() == [name] * 60 + [None] * 60
    assert [known.of_one(sketch(text, CONFIG.text)) for text in unseen + ordinary] == [0] * 60 + [-1] * 60


def test_a_text_needs_a_share_of_the_fingerprints() -> None:
    known = recogniser(("T-a", [10, 20, 30, 40]))
    needed = -(-4 * CONFIG.templates.min_share // 1)
    for held in range(5):
        sketch = [1, *[10, 20, 30, 40][:held], 2]
        assert recognised(known, sketch) == ["T-a" if held >= max(needed, 1) else None], held


def test_of_flaky_fingerprints_a_text_needs_a_share_of_what_is_usual() -> None:
    core = list(range(10, 30))  # of which the template's texts have four at a time
    known = recogniser(("T-a", core), usual=4.0)
    needed = -(-4 * CONFIG.templates.min_share // 1)
    for held in range(5):
        assert recognised(known, core[3 : 3 + held]) == ["T-a" if held >= needed else None], held


def test_a_fingerprint_repeated_counts_once() -> None:
    assert recognised(recogniser(("T-a", [10, 20, 30, 40])), [10, 10, 10, 10]) == [None]


def test_the_longer_frame_wins_and_order_decides_nothing() -> None:
    known = recogniser(("T-a", [10, 20]), ("T-b", [30, 40, 50]))
    assert recognised(known, [10, 20, 30, 40, 50], [50, 40, 30, 20, 10], [10, 20]) == ["T-b", "T-b", "T-a"]
    even = recogniser(("T-a", [10, 20]), ("T-b", [30, 40]))
    (name,) = set(recognised(even, [10, 20, 30, 40], [40, 30, 20, 10]))
    assert name is not None


def test_no_templates_and_empty_texts_are_null() -> None:
    assert recognised(recogniser(), [1, 2], []) == [None, None]
    assert recognised(recogniser(("T-a", [1])), []) == [None]


def test_one_text_is_told_as_in_a_batch() -> None:
    known = recogniser(("T-a", [10, 20]), ("T-b", [30, 40, 50]), ("T-c", [60, 70]))
    for one in ([10, 20, 30, 40, 50], [10, 20], [60, 10, 70, 20], [70, 20, 60, 10], [10], [10, 10], []):
        (name,) = recognised(known, one)
        place = known.of_one(np.array(one, np.int32))
        assert (None if place < 0 else known.names[place].as_py()) == name, one
    assert recogniser().of_one(np.array([10, 20], np.int32)) == -1


def test_settings_travel_with_templates() -> None:
    text, config = replace(CONFIG.text, max_bytes=99), replace(CONFIG.templates, min_share=0.75)
    assert settings_of(with_settings(tables.TEMPLATES.schema.empty_table(), text, config)) == (text, config)


def test_sliced_sketches_are_the_same_sketches() -> None:
    known = recogniser(("T-a", [10, 20]))
    whole = pa.array([packed(1), packed(10, 20), packed(2), packed(20, 10)])
    assert known.recognise(whole.slice(1, 3)).to_pylist() == ["T-a", None, "T-a"]


def test_fingerprints_leave_and_names_come() -> None:
    schema = tables.SIGNALS.schema
    row = {
        "exchange_id": "x", "account_id": "a", "timestamp": 0, "has_tools": False, "prompt_bytes": 1, "prompt_hash": 1,
        "sketch": packed(10, 20), "system_sketch": packed(10, 20), "capability": 10, "capabilities": 0, "elicitation": 0,
        "spans": [], "file": 0, "chunk": 0, "row": 0,
    }  # fmt: skip
    (made,) = uses(
        pa.RecordBatch.from_pylist([row], schema=schema), recogniser(("T-a", [10, 20])), recogniser()
    ).to_pylist()
    assert (made["exchange_id"], made["template_id"], made["system_template_id"]) == ("x", "T-a", None)
    assert list(made) == tables.USES.names and "sketch" not in made
