"""Templates: planted frames come back as one template each, whatever fills their slots; ordinary text gives none."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from ints import packed

from stillwatch import tables
from stillwatch.config import Config, Templates
from stillwatch.signals.sketch import sketches
from stillwatch.templates import templates

CONFIG = Config()
MANY = 5 * CONFIG.templates.min_documents  # texts made from a frame: plenty

FRAMES = {
    "en": "Solve the following problem and write down every step that leads to the answer before you give it. "
    "Finish with one line that holds nothing but the answer and its unit, and never leave a step out of it.",
    "zh": "请仔细阅读下面的题目，写出完整的推理过程，不要省略任何中间步骤。最后单独用一行给出答案，并说明所用的单位和公式。",
    "ru": "Внимательно прочитайте задачу ниже и подробно запишите весь ход рассуждений, не пропуская ни одного шага. "
    "В последней строке приведите только ответ вместе с единицей измерения и больше ничего не пишите.",
}
ALPHABETS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ru": "абвгдежзийклмнопрстуфхцчшщыэюя",
    "zh": "".join(chr(0x4E00 + 37 * place) for place in range(500)),
}


def prose(language: str, size: int, dice: random.Random) -> str:
    """Words that nobody else uses: about `size` of them."""
    letters = ALPHABETS[language]
    if language == "zh":
        return "".join(dice.choices(letters, k=size))
    return " ".join("".join(dice.choices(letters, k=dice.randint(3, 9))) for _ in range(size))


def made_from(frame: str, language: str, place: str, variable: float, dice: random.Random) -> str:
    """The frame with a slot that makes up the share `variable` of the text."""
    gap = "" if language == "zh" else " "
    fixed = len(frame) if language == "zh" else len(frame.split())
    content = prose(language, max(1, round(fixed * variable / (1 - variable))), dice)
    if place == "middle":
        half = frame.index("。" if language == "zh" else ". ") + 1
        return frame[:half] + gap + content + gap + frame[half:]
    return content + gap + frame if place == "start" else frame + gap + content


def documents(*texts: tuple[str, str], field: str = "prompt") -> pa.Table:
    """(account, text) pairs as the sample that templates are mined from."""
    made = sketches(pa.array([text for _, text in texts], pa.string()), CONFIG.text)
    columns: dict[str, Any] = {
        "field": pa.array([field] * len(texts), pa.string()),
        "account_id": pa.array([account for account, _ in texts], pa.string()),
        "sketch": made.sketch,
    }
    return pa.table(columns, schema=pa.schema([(one.name, one.type) for one in tables.DOCUMENTS.columns]))


def sketched(*rows: tuple[str, list[int]], config: Templates = CONFIG.templates) -> list[dict[str, Any]]:
    """Templates of (account, fingerprints) pairs."""
    columns = {
        "field": pa.array(["prompt"] * len(rows)),
        "account_id": pa.array([account for account, _ in rows]),
        "sketch": pa.array([packed(*sketch) for _, sketch in rows]),
    }
    found: list[dict[str, Any]] = templates(pa.table(columns), config).to_pylist()
    return sorted(found, key=lambda row: min(row["shingles"]))


def mined(*texts: tuple[str, str], field: str = "prompt") -> list[dict[str, Any]]:
    found = templates(documents(*texts, field=field), CONFIG.templates)
    assert found.schema.names == tables.TEMPLATES.names
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


@pytest.mark.parametrize("variable", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize("language", list(FRAMES))
def test_a_planted_frame_is_one_template(language: str, place: str, variable: float) -> None:
    dice = random.Random(f"{language} {place} {variable}")
    planted = [(f"a{n % 9}", made_from(FRAMES[language], language, place, variable, dice)) for n in range(MANY)]
    ordinary = [(f"b{n % 40}", prose(language, 30, dice)) for n in range(200)]
    (found,) = mined(*planted, *ordinary)
    assert (found["sampled_documents"], found["sampled_accounts"]) == (MANY, 9)
    assert len(found["shingles"]) >= CONFIG.templates.min_shingles


def test_frames_of_two_languages_and_fields_stay_apart() -> None:
    dice = random.Random(2)
    pairs = [(f"a{n % 9}", made_from(FRAMES[one], one, "end", 0.5, dice)) for n in range(MANY) for one in FRAMES]
    prompts, systems = documents(*pairs), documents(*pairs, field="system")
    found = templates(pa.concat_tables([prompts, systems]), CONFIG.templates).to_pylist()
    assert sorted(row["field"] for row in found) == ["prompt"] * 3 + ["system"] * 3
    assert len({row["template_id"] for row in found}) == 6


def test_a_closing_sentence_that_three_frames_share_does_not_join_them() -> None:
    dice = random.Random(3)
    openings = (
        FRAMES["en"].split(". ")[0],
        "Translate the letter into plain language for a reader who has never seen a court from inside",
        "Plan a week of dinners for two people who share one small kitchen and do not like to shop",
    )
    closing = FRAMES["en"].split(". ")[1]
    pairs = [(f"a{n % 9}", f"{one}. {prose('en', 20, dice)} {closing}") for n in range(MANY) for one in openings]
    found = sorted(row["sampled_documents"] for row in mined(*pairs))
    assert found == [MANY, MANY, MANY, 3 * MANY], "three openings, and the closing by itself"


def test_what_stands_between_two_ends_of_a_frame_does_not_part_them() -> None:
    """Everyday phrases fill the slot, each of them in a third of the texts."""
    dice = random.Random(8)
    phrases = [prose("en", 8, dice) for _ in range(60)]
    opening, closing = FRAMES["en"].split(". ")
    pairs = [(f"a{n % 9}", ". ".join([opening, *dice.sample(phrases, 20), closing])) for n in range(MANY)]
    (found,) = [row for row in mined(*pairs) if row["sampled_documents"] == MANY]
    (alone,) = mined(*((f"a{n % 9}", f"{opening}. {prose('en', 9, dice)}. {closing}") for n in range(MANY)))
    assert set(alone["shingles"]) <= set(found["shingles"])


def test_fingerprints_need_most_of_their_documents_in_common() -> None:
    enough = CONFIG.templates.min_documents
    both = [("a", [1, 2, 3, 4])] * enough + [("b", [1, 2, 3, 4])] * enough
    one = [("a", [3, 4])] * (2 * enough - 1)
    assert [row["shingles"] for row in sketched(*both, *one)] == [[1, 2, 3, 4]], "more together than apart"
    assert [row["shingles"] for row in sketched(*both, *one, ("a", [3, 4]))] == [[1, 2], [3, 4]]


def test_what_stands_near_a_slot_is_no_template_of_its_own() -> None:
    """Fingerprints 7 and 8 are in a third of a frame's texts: never the longest frame there, until others have them."""
    frame = [(f"a{n % 9}", [1, 2, 3, 4, 5, 6, *([7, 8] if n % 3 == 0 else [])]) for n in range(MANY)]
    (found,) = sketched(*frame)
    assert found["shingles"] == [1, 2, 3, 4, 5, 6] and found["sampled_documents"] == MANY
    others = [(f"b{n % 5}", [7, 8]) for n in range(CONFIG.templates.min_documents)]
    assert [row["shingles"] for row in sketched(*frame, *others)] == [[1, 2, 3, 4, 5, 6], [7, 8]]
    assert len(sketched(*frame, *(("b", sketch) for _, sketch in others))) == 1, "one account's habit"


def test_a_template_says_how_many_of_its_fingerprints_are_usual() -> None:
    """Ten fingerprints, each in four texts of five, others missing each time."""
    rows = [(f"a{n % 9}", [one for one in range(1, 11) if (one + n) % 5]) for n in range(MANY)]
    (found,) = sketched(*rows)
    assert len(found["shingles"]) == 10 and found["usual_shingles"] == pytest.approx(8)


def test_ordinary_text_gives_no_template() -> None:
    dice = random.Random(4)
    words = [prose("en", 1, dice) for _ in range(400)]  # a common vocabulary, in any order
    assert mined(*((f"a{n % 50}", " ".join(dice.choices(words, k=25))) for n in range(1500))) == []
    assert mined() == []


def test_one_accounts_habit_is_no_template() -> None:
    dice = random.Random(5)
    habit = [("a", made_from(FRAMES["en"], "en", "end", 0.5, dice)) for _ in range(MANY)]
    others = [(f"b{n}", prose("en", 30, dice)) for n in range(50)]
    assert mined(*habit, *others) == []


def test_few_texts_are_no_template() -> None:
    dice = random.Random(6)
    few = CONFIG.templates.min_documents - 1
    assert mined(*((f"a{n}", made_from(FRAMES["en"], "en", "end", 0.5, dice)) for n in range(few))) == []


def test_the_order_of_documents_decides_nothing() -> None:
    """One draw misses pairs that are hardly alike: whichever they are, they are the same ones."""
    dice = random.Random(9)
    rows = [(f"a{n % 9}", dice.sample(range(1, 40), 24)) for n in range(200)]
    config = replace(CONFIG.templates, draws=1, min_jaccard=0.42)
    found = [sketched(*dice.sample(rows, len(rows)), config=config) for _ in range(5)]
    assert found[0] and all(one == found[0] for one in found)
    assert {one for row in found[0] for one in row["shingles"]} < set(range(1, 40)), "some were missed"


def test_a_name_depends_on_the_frame_alone() -> None:
    def name(seed: int, shuffled: bool = False) -> str:
        dice = random.Random(seed)
        pairs = [(f"a{seed}{n % 9}", made_from(FRAMES["ru"], "ru", "end", 0.9, dice)) for n in range(MANY)]
        if shuffled:
            dice.shuffle(pairs)
        (found,) = mined(*pairs)
        return str(found["template_id"])

    assert name(7) == name(7, shuffled=True) == name(8)


@pytest.mark.parametrize("fewest, accounts, made, by, found", [
    (300, 2, 300, 2, 1), (300, 2, 299, 2, 0), (12, 5, 20, 5, 1), (12, 5, 20, 4, 0), (12, 2, 6, 2, 0),
])  # fmt: skip
def test_documents_and_accounts_are_counted_exactly(fewest: int, accounts: int, made: int, by: int, found: int) -> None:
    config = replace(CONFIG.templates, min_documents=fewest, min_accounts=accounts)
    core = list(range(100, 100 + config.min_shingles))
    # each fingerprint twice a document, which counts once, and beside it others that no second document has
    rows = [(f"a{n % by}", core + core + [10_000 + 50 * n + one for one in range(50)]) for n in range(made)]
    assert [row["shingles"] for row in sketched(*rows, config=config)] == [core] * found
