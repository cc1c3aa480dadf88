"""Reasoning in another order: its own sentences, what they come to first, and nothing that a model says to itself."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.guard.reasoning.opened import CLOSES
from stillwatch.guard.reasoning.reordered import reordered
from stillwatch.guard.reasoning.self_talk import ROWS, Talk, talk
from stillwatch.guard.reasoning.sentences import paragraphs

LONG = "the second term was counted twice, and so the sum has to be taken again from the third term onwards, as above"
CODE = "```python\nx = 1. Wait, no.\n\n    Hmm\n```"


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Hmm.", Talk.ASIDE), ("Hmm, I like that.", Talk.ASIDE), ("Let me double-check.", Talk.ASIDE),
        ("let’s see", Talk.ASIDE), ("Okay.", Talk.ASIDE), ("Okay, let me think.", Talk.ASIDE),
        ("Wait.", Talk.ASIDE), ("Wait, let me check the sum.", Talk.ASIDE), ("Oh, hmm…", Talk.ASIDE),
        ("Wait, that's wrong.", Talk.BACK), ("Wait, the sum is 3.", Talk.BACK), ("Actually, no.", Talk.BACK),
        ("Actually, no, it is 3.", Talk.BACK), ("No.", Talk.BACK), ("Hmm, that can't be right.", Talk.BACK),
        (f"Wait, {LONG}.", Talk.TIED), (f"Hmm, {LONG}.", None), ("Okay, so it is 3.", None), ("Actually, it is 3.", None),
        ("Wait for the sum.", None), ("No solution exists.", None), ("Hmmm", None), ("Noether's theorem.", None), ("", None),
        ("嗯，三加四。", Talk.ASIDE), ("等等。", Talk.ASIDE), ("等一下，这里错了。", Talk.BACK), ("不对。", Talk.BACK),
        ("不对称的矩阵。", None), ("让我再检查一下。", Talk.ASIDE),
        ("A ver.", Talk.ASIDE), ("Espera, eso está mal.", Talk.BACK), ("Veamos el caso.", None),
        ("Voyons.", Talk.ASIDE), ("Attends, c'est faux.", Talk.BACK), ("En fait, non.", Talk.BACK), ("Non nul.", None),
        ("Lass mich nachdenken.", Talk.ASIDE), ("Moment mal.", Talk.ASIDE), ("Nein, das stimmt nicht.", Talk.BACK),
        ("Also ist es 3.", None), ("Хм…", Talk.ASIDE), ("Стоп, это неверно.", Talk.BACK), ("Нет решений.", None),
    ],
)  # fmt: skip
def test_self_talk_is_told_by_how_it_begins(sentence: str, kind: Talk | None) -> None:
    assert talk(sentence) == kind


def test_every_way_to_begin_is_found_in_its_language() -> None:
    assert {row.language for row in ROWS} >= {"English", "Chinese", "Spanish", "French", "German", "Russian"}
    assert [phrase for row in ROWS for phrase in row.phrases if talk(phrase.rstrip(",，").capitalize()) is None] == []
    assert all(row.reason and len(phrase) < row.most for row in ROWS for phrase in row.phrases)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ""),
        ("Hmm. Wait.\n\nLet me see…", ""),
        ("One.", "One."),
        ("One. Two. So three.", "So three. One. Two."),
        ("One. So two.\n\nThree. So four.\n\nSo it is five.", "So it is five.\n\nSo two. One.\n\nSo four. Three."),
        ("Okay, so I add.\nHmm.\nSo three.", "So three.\nOkay, so I add."),
        ("因为三加四。所以七。\n\n等等。答案是七。", "答案是七。\n\n所以七。因为三加四。"),
        # what is taken back would stand as if it held
        ("I add. So it is 41. Wait, that's wrong. So it is 42.", "So it is 42. I add."),
        ("So it is 41.\n\nIs that so? Hmm. Actually, no. No.\n\nIt is 42.", "It is 42."),
        ("It is 40. So it is 41. Actually, no. Wait, no.", "It is 40."),
        (f"One. Two. Wait, {LONG}. Three.", f"Three. One. Two. Wait, {LONG}."),
        # what is kept whole
        ("See e.g. Dr. Low. It is 3.5. Then nr. 2.", "Then nr. 2. See e.g. Dr. Low. It is 3.5."),
        ("Steps:\n1. One.\n2. Two.", "Steps:\n1. One.\n2. Two."),
        ("A line that\nwas full. Two.", "Two. A line that\nwas full."),
        (f"I write:\n\n{CODE}\nIt runs. So it is right.", f"So it is right.\nI write:\n\n{CODE}\nIt runs."),
        (f"I write:\n{CODE}\n\nWait, no.\n\nDone.", f"Done.\n\nI write:\n{CODE}\nWait, no."),
        ("We get $$x. Then\n\ny$$ here. So two.", "So two.\nWe get $$x. Then\n\ny$$ here."),
        ("Let \\begin{a}x. Y\n\n\\begin{b}z\\end{b}\\end{a} be. So `a. B` it is.", "So `a. B` it is.\nLet \\begin{a}x. Y\n\n"
         "\\begin{b}z\\end{b}\\end{a} be."),
        ("One:\n| a | b |\n|---|---|\n| 1. | Wait |\nSo two.", "So two.\nOne:\n| a | b |\n|---|---|\n| 1. | Wait |"),
        ("    x = 1\n    y = 2\nSo three.", "So three.\n    x = 1\n    y = 2"),
    ],
)  # fmt: skip
def test_conclusions_first(given: str, shown: str) -> None:
    assert reordered(given) == shown


STEPS = [
    "I add three.",
    "So it is seven.",
    "The sum is even?",
    "那么是七。",
    "Es ist `a. B`.",
    f"Here:\n{CODE}",
    "Then $x. Y$ holds.",
]
TALK = ["Hmm.", "Wait, that's wrong.", "Let me see.", "不对。", "Стоп."]
PIECES = [*"`~$.\n |\\a", *"``` \\[ \\] \\begin{ \\end{ Hm 字。 </th ink>".split(), "Wait, no."]
TEXTS = st.lists(st.tuples(st.sampled_from(STEPS + TALK), st.sampled_from([" ", "\n", "\n\n"])), max_size=30)


@settings(max_examples=120, deadline=None)
@given(TEXTS)
def test_its_own_sentences_none_twice_and_no_self_talk(given: list[tuple[str, str]]) -> None:
    text = "".join(sentence + after for sentence, after in given)
    shown = reordered(text)
    said = Counter(one for one, _ in given)
    left = shown
    for one in sorted(STEPS, key=len, reverse=True):
        assert shown.count(one) <= said[one]
        left = left.replace(one, "")
    kept_behind_code = [one for one in TALK if one in left]
    assert not kept_behind_code or CODE in text, "taken back was code, which stays with what says so"
    assert left.strip() == "" or CODE in text


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_text_becomes_no_more_than_it_was(text: str) -> None:
    shown = reordered(text)
    assert shown == reordered(text), "the same again"
    assert Counter("".join(shown.split())) <= Counter("".join(text.split())), "nothing is added"
    for paragraph in paragraphs(text):
        for one in paragraph.sentences:
            assert one.text in text, "and nothing cut but between sentences"
    if CLOSES not in text:
        assert CLOSES not in shown, "it may stand between such tags"


@pytest.mark.parametrize(
    "repeated", [".", "\n", "`", "~", "\\[", "\\begin{a}", "$", "\\(", "\n ", "Wait, no. ", "A?\n\n", "`~"]
)
def test_a_huge_text_is_gone_through_once(repeated: str) -> None:
    """A text twice as long takes twice the steps, or this does not end."""
    text = repeated * (50_000 // len(repeated))
    assert len(reordered(text)) <= len(text)
