"""The brief: what it must say, what it must not, and that what others wrote does no harm in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stillwatch.sharing.outgoing.brief import Brief, brief
from stillwatch.sharing.outgoing.bundle import checked
from stillwatch.sharing.outgoing.likelihood import likely
from stillwatch.sharing.outgoing.page import html, markdown
from stillwatch.sharing.outgoing.partners import partner
from stillwatch.sharing.outgoing.revocation import revocation
from tests.sharing.drafts_here import AT, SKELETON, Object, draft, of, state

CONTACT = "Trust and safety of Example AI, share@example.com"
HOSTILE = "</section><script>alert(1)</script> [x](http://a.example) ![i](//b.example/p) `c` www.d.example <e@f.example> \u202e"


def told(tmp_path: Path, made: Object | None = None, to: str = "northwind") -> Brief:
    return brief(checked(made or draft(), "draft"), partner(state(tmp_path), to), CONTACT)


class Loads(HTMLParser):
    """What a page would fetch, and what it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [
            tag for _ in [0] if tag in ("script", "img", "link", "iframe", "object", "embed", "base", "form")
        ]
        self.found += [
            f"{name}={value}" for name, value in named.items() if name in ("src", "srcset", "action", "style")
        ]
        self.found += [f"href={named['href']}" for _ in [0] if not str(named.get("href", "#")).startswith("#")]
        self.found += [name for name in named if name.startswith("on")]


def loads(page: str) -> list[str]:
    parser = Loads()
    parser.feed(page)
    style = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    return parser.found + re.findall(r"url\(|@import", style)


MUST_SAY = [
    "between 1 and 28 October 2026", "17,638", "almost certain (95–99%)", "whose, is not claimed",
    "12 of 12 members pay with a card that another member pays with", "One operator directs these accounts",
    "a family, or a company that pays for its staff", "A company with many keys. No organisation answers for them.",
    "It names nobody.", "It says nothing of nationality.", "It is no proof that a model was trained.",
    "An indicator is no verdict.", "very likely (80–95%)", "1 February 2027", "AML.T0024.002",
]  # fmt: skip


@pytest.mark.parametrize("form", [html, markdown], ids=["html", "markdown"])
def test_what_it_says(tmp_path: Path, form: object) -> None:
    page = form(told(tmp_path, draft("AMBER+STRICT")))  # type: ignore[operator]
    plain = page.replace("\\", "").replace("&#39;", "'")
    assert [one for one in MUST_SAY if one not in plain] == []
    assert plain.count("TLP:AMBER+STRICT") >= 2 and CONTACT in plain
    body = plain[plain.index("<body") if "<body" in plain else 0 :].strip()
    assert "TLP:AMBER+STRICT" in body[:400] and "TLP:AMBER+STRICT" in body[-400:]


ASKED = [
    ("northwind", "Look for the indicators in your own logs"),
    ("office", "It asks for no measure against any person"),
]


@pytest.mark.parametrize(("to", "asked"), ASKED)
def test_what_is_asked_depends_on_who_reads(tmp_path: Path, to: str, asked: str) -> None:
    assert asked in html(told(tmp_path, draft("GREEN"), to))


def test_it_holds_no_account_and_no_words_but_skeletons(tmp_path: Path) -> None:
    page = html(told(tmp_path))
    assert of(draft(), "user-account")[0]["user_id"] not in page
    assert SKELETON.split("⟨")[0].strip() in page and '<mark class="slot">' in page


def test_it_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    assert loads(html(told(tmp_path))) == [] and "default-src 'none'" in html(told(tmp_path))


def test_what_others_wrote_does_no_harm(tmp_path: Path) -> None:
    made = draft()
    of(made, "campaign")[0]["name"] = HOSTILE.replace("<e@f.example>", "")
    of(made, "note")[0]["content"] = f"- # {HOSTILE.replace('<e@f.example>', '')}\n1. one"
    of(made, "indicator")[0]["pattern"] = "[x-stillwatch:template = '`</code><img src=//b.example>`']"
    one = told(tmp_path, made)
    assert loads(html(one)) == [] and "\u202e" not in html(one) and "[U+202E]" in html(one)
    text = markdown(one)
    assert "\u202e" not in text and "<script" not in text.replace("\\<", "")
    assert re.findall(r"(?<!\\)\]\(|(?<!\\)!\[|(?<!\\)://|\bwww\.", text) == []
    assert "'</code><img src=//b.example>'" in text  # in backticks, where nothing is markup


def test_a_name_changes_what_is_said_of_names(tmp_path: Path) -> None:
    made = draft()
    of(made, "intrusion-set")[0]["name"] = "Some Laboratory"
    page = html(told(tmp_path, made))
    assert "It names nobody." not in page and "A name in it is no proven identity." in page
    assert "it is called Some Laboratory, as an assessment and no more" in page


def test_a_revocation_asks_for_one_thing(tmp_path: Path) -> None:
    taken = revocation(checked(draft(), "draft"), AT)
    assert taken is not None
    page = html(brief(taken, partner(state(tmp_path), "northwind"), CONTACT))
    assert (
        "<h1>Withdrawn: " in page
        and "Delete the indicators by their ids" in page
        and "What is asked of you" not in page
    )


WORDS = [
    (99, "almost certain (95–99%)"), (95, "almost certain (95–99%)"), (94, "very likely (80–95%)"), (55, "likely (55–80%)"),
    (50, "a roughly even chance (45–55%)"), (44, "unlikely (20–45%)"),
    (5, "very unlikely (5–20%)"),
    (0, "almost no chance (1–5%)"),
    (None, "of a likelihood that is not stated"),
]  # fmt: skip


@pytest.mark.parametrize(("confidence", "words"), WORDS)
def test_words_of_likelihood(confidence: int | None, words: str) -> None:
    assert likely(confidence) == words
