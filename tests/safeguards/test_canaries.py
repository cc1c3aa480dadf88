"""Canaries: alternatives that say nothing about the world, and a choice that anybody with the key can work out again."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.canaries import slots
from stillwatch.safeguards.canaries.choice import SCOPE, chosen
from stillwatch.safeguards.watermark.keys import Epoch, Secret

SHIPPED = slots.load()
QUARTER = Epoch(0, 91 * 86_400)
SECRET = Secret(bytes(32))


def test_the_slots_that_come_with_the_package_are_of_the_file_and_of_its_version() -> None:
    assert SHIPPED.sha256 == hashlib.sha256(slots.SHIPPED.read_bytes()).hexdigest() and SHIPPED.version == 1
    assert 12 <= len(SHIPPED) <= 16 and len({one.id for one in SHIPPED}) == len(SHIPPED)
    assert all(16 <= len(one.alternatives) <= 64 and len(set(one.prompts)) >= 20 for one in SHIPPED)


def test_no_alternative_is_in_another_or_in_a_prompt_and_none_has_a_number_in_it() -> None:
    every = [one for slot in SHIPPED for one in slot.alternatives]
    assert [pair for pair in permutations(every, 2) if pair[0].lower() in pair[1].lower()] == []
    assert [one for one in every if not re.fullmatch(r"[A-Z][A-Za-z ]*(, [a-z ]+)?[,:]?", one)] == []
    prompts = [one for slot in SHIPPED for one in slot.prompts]
    assert [one for one in prompts if any(word.lower() in one.lower() for word in every)] == []


def test_prompts_ask_for_what_an_answer_would_carry_and_none_comes_twice() -> None:
    for slot in SHIPPED:
        assert [one for one in slot.prompts if not slot.cues & set(re.findall("[a-z]+", one.lower()))] == []
        assert len(set(slot.prompts)) == len(slot.prompts)


def slot(**changes: object) -> str:
    """A file with one sound slot, changed."""
    words = [f"Name{letter}x" for letter in "abcdefghijklmnop"]
    fields = {
        "id": "a",
        "what": "a",
        "cues": ["a"],
        "alternatives": words,
        "ask": ["A {}?"],
        "about": ["bird"],
        **changes,
    }
    return "version = 1\n[[slots]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = 1\n", "not readable"),
        ("version = 'x'\nslots = []\n", "not readable"),
        (slot(more=1), "a slot with"),
        (slot(alternatives=["Anna"] * 3), "has 3 alternatives"),
        (slot(alternatives=[f"Name{letter}" for letter in "abcdefghijklmno"] + ["Namea Long"]), "is in"),
        (slot(alternatives=[f"Name{letter}" for letter in "abcdefghijklmno"] + ["2 o'clock"]), "not plain words"),
        (slot(about=["nameAx"]), "named in a prompt"),
        (slot(ask=[]), "no prompt|not readable"),
        (slot(cues=[]), "no cue"),
        (slot() + "\n[[slots]]\n" + slot().partition("[[slots]]\n")[2], "two slots named a"),
    ],
)
def test_a_file_that_breaks_the_rule_is_an_error(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "canaries.toml"
    path.write_text(text)
    with pytest.raises(BadConfiguration, match=told):
        slots.load(path)


def test_a_sound_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "canaries.toml"
    path.write_text(slot())
    assert [one.prompts for one in slots.load(path)] == [("A bird?",)]


def test_anybody_with_the_key_works_out_the_same_choice() -> None:
    key = SECRET.key(SCOPE + "C-1", QUARTER).key
    told = chosen(key, SHIPPED)
    assert told.keys() == {one.id for one in SHIPPED}
    for one in SHIPPED:
        number = int.from_bytes(
            hmac.new(bytes.fromhex(key), f'[1,"{one.id}"]'.encode(), hashlib.sha256).digest(), "big"
        )
        assert told[one.id] == one.alternatives[number % len(one.alternatives)]


def test_campaigns_and_epochs_choose_apart_and_each_alternative_is_as_likely() -> None:
    keys = [SECRET.key(f"{SCOPE}C-{number}", QUARTER).key for number in range(2_000)]
    told = [chosen(key, SHIPPED) for key in keys]
    assert told[0] != told[1] and told[0] != chosen(SECRET.key(f"{SCOPE}C-0", QUARTER.next()).key, SHIPPED)
    for one in SHIPPED:
        times = Counter(choice[one.id] for choice in told)
        expected = len(told) / len(one.alternatives)
        assert set(times) == set(one.alternatives)
        assert max(abs(count - expected) for count in times.values()) < 5 * expected**0.5
