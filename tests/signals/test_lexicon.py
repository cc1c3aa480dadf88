"""Lexicon files: what they hold, and what is said about a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.signals import lexicon
from stillwatch.signals.lexicon import TAGS, fold, read, spell


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_every_tag_is_covered_and_has_its_innocent_explanation(language: str) -> None:
    innocent = lexicon.prompts().innocent
    assert {tag for spoken, tag in innocent if spoken == language} == set(CAPABILITIES + ELICITATIONS)
    assert all(innocent.values())


@pytest.mark.parametrize("language", ["es", "pt", "de", "fr", "ja", "ko"])
def test_other_languages_cover_every_elicitation(language: str) -> None:
    assert {tag for spoken, tag in lexicon.prompts().innocent if spoken == language} >= set(ELICITATIONS)


def test_the_files_say_where_they_come_from() -> None:
    for path in lexicon.FOLDER.glob("*.toml"):
        header = path.read_text(encoding="utf-8").split("\n\n")[0]
        assert "Date: 2026-" in header, path.name
        assert "Source:" in header or "Written from" in header, path.name


@pytest.mark.parametrize(
    "text, spelled",
    [
        ("Step-by_step", "step by step"),
        ("a  \t\n b", "a b"),
        ("1 to 100", "0 to 0"),
        ("Шаг ЁЖ", "шаг еж"),
        ("RÉSUMÉ", "resume"),
        ("Größe", "große"),
    ],
)
def test_texts_are_folded(text: str, spelled: str) -> None:
    assert spell(text) == list(spelled)


def test_characters_of_three_bytes_are_spelled_as_bytes() -> None:
    assert spell("思a") == [*"思".encode(), "a"]
    assert fold("\N{NO-BREAK SPACE}") == " "


def test_one_phrase_under_two_tags_is_one_phrase(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('[coding]\ninnocent = "x"\n"0.5" = ["SQL-query"]\n"1.0" = ["other"]')
    second.write_text(
        '[coding]\ninnocent = "x"\n"0.7" = ["sql query*"]\n[judging]\ninnocent = "x"\n"1.0" = ["Sql query"]'
    )
    found = read([first, second]).phrases
    assert [(one.text, dict(one.weights)) for one in found] == [
        ("sql query*", {TAGS.index("coding"): 0.7, TAGS.index("judging"): 1.0}),
        ("other", {TAGS.index("coding"): 1.0}),
    ]


@pytest.mark.parametrize(
    "text, said",
    [
        ('[painting]\ninnocent = "x"\n', "no such tag"),
        ('[coding]\n"1.0" = ["x y"]\n', "without its innocent explanation"),
        ('[coding]\ninnocent = "x"\n"heavy" = ["x y"]\n', "not a weight"),
        ('[coding]\ninnocent = "x"\n"9" = ["x y"]\n', "not a weight"),
        ('[coding]\ninnocent = "x"\n"1.0" = "x y"\n', "not a list of phrases"),
        ('[coding]\ninnocent = "x"\n"1.0" = ["x"]\n', "unusable phrase"),
        ('[coding]\ninnocent = "x"\n"1.0" = ["*"]\n', "unusable phrase"),
        ("[coding", "not readable"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(BadConfiguration, match=said) as raised:
        read([path])
    assert str(path) in raised.value.where
