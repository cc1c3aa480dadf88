import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from stillwatch.evidence import Report
from stillwatch.render.html import report_html
from stillwatch.render.json import campaigns_json

from .page import Page
from .sample import empty_report, sample_report

SCRIPT = "<script>alert(1)</script>"
HOSTILE = {
    "script": SCRIPT,
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "closing style": "</style></svg></title></pre></blockquote>",
    "override": "harmless \u202etxt.exe\u2066",
    "control": "\x00\x1b[31mred\x07",
    "long": "A" * 10_240,
    "slots": "⟨⟨⟩ ⟩⟨<b>⟩",
}


def poisoned(value: Any, text: str) -> Any:
    """The same document with every text in it, keys that are names included, replaced by the hostile one."""
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [poisoned(one, text) for one in value]
    if isinstance(value, dict):
        return {key: poisoned(one, text) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: poisoned(getattr(value, one.name), text) for one in fields(value)})
    return value


@pytest.fixture(scope="module")
def html() -> str:
    return report_html(sample_report())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.mark.parametrize(
    "said",
    [
        "3 campaigns took 166,500 exchanges through 241 accounts between 1 and 31 July 2026; nothing",
        "93,704 of these exchanges look harvested for training; the other 72,796 are unrelated traffic",
        "4,812,330",
        "No responses in the log",
        "143 accounts sent 98,400 exchanges between 2 and 29 July 2026, mostly reasoning (74%) and judging",
        "Confidence 99.1%",
        "121,700,000 tokens",
        "One scheduler hands one list of questions to all of these accounts.",
        "one company pays for its staff; its accounts would share a domain and an organisation",
        "observed 118 · p = 3×10⁻¹⁴",
        "−2.6 bits",
        "Sum of all reasons +25.9 bits",
        "harbour-4-mini was released on 14 July 2026.",
        "harbour-4-mini 14 July 2026 20 h 61% 19% p = 0.0004 3 h",
        "it sent 2.6 times as much as on a day of the week before; everybody else 1.2 times (p = 0.05).",
        "Turned from judging answers to reasoning on 15 July 2026, within a day of the release of harbour-4-mini: "
        "reasoning 62% before and 81% after, judging answers 34% and 15% (p = 0.001).",
        "held against nobody",
        "71,204 exchanges harvested",
        "27,196 exchanges unrelated, carried by the same accounts",
        "ask for step-by-step reasoning 88%",
        "Carriers, spares and victims are not accused of harvesting.",
        "A customer whose credentials look stolen. Not accused of harvesting",
        "same card, first request 6 minutes after the ban",
        "Does not fit: a harness repeats its questions; here 14 of 71,204 were repeated.",
        "Ask the 96 education accounts for proof of enrolment",
        "A proposal. Nothing has been enforced; a person decides.",
        "stillwatch explain C-3f9a",
        "SELECT avg(taken_over) FROM handovers",
        "12,040 different techniques to get at what is not shown, tried from 60 accounts between 2 and 4 July 2026; 85% of "
        "their 14,100 exchanges meanwhile were refused p = 1×10⁻¹²",
        "731 different techniques to get at what is not shown, tried from 412 accounts",
        "it accuses nobody",
        "SELECT 1 FROM technique_hours",
        "Looked at and cleared",
        "A campus: one network, but 2,900 payers",
        "8,811 different payers.",
        "Nobody is named",
        "Cluster 12 of a partner, confidence 40%: 2 device pseudonyms",
    ],
)
def test_the_page_says(page: Page, said: str) -> None:
    assert said in page.text


def test_a_finding_keeps_what_was_seen_apart_from_what_is_inferred(html: str) -> None:
    finding = html[html.index('id="campaign-1-fraud-heading"') :]
    observed, _, inferred = finding.partition('<div class="inference">')
    assert "9 cards pay for 118 accounts." in observed
    assert "Most of the accounts were registered" not in observed
    assert "Most of the accounts were registered" in inferred.partition("</div>")[0]


def test_slots_of_a_template_are_marked(html: str) -> None:
    assert 'a patient teacher of <mark class="slot">⟨subject⟩</mark>. Solve' in html


def test_nothing_found_is_said_precisely() -> None:
    text = Page(report_html(empty_report())).text
    for said in (
        "No campaign was found in 4,812,330 exchanges from 38,114 accounts between 1 and 31 July 2026; "
        "nothing has been enforced.",
        "beyond what chance and ordinary business explain",
        "It is not proof that nobody collects answers",
        "Nothing is missing: the log carried every kind of evidence",
        "No group of accounts came near enough to a campaign to need an explanation.",
    ):
        assert said in text


def test_what_is_not_known_of_a_release_is_not_told() -> None:
    """A document saved before half-hours and volumes were told, and a campaign without pivots."""
    campaign = sample_report().campaigns[0]
    earlier = replace(campaign.release_response[0], half_hours=None, volume_ratio=None, population_volume_ratio=None)
    changed = replace(campaign, release_response=[earlier], pivots=[])
    text = Page(report_html(replace(sample_report(), campaigns=[changed]))).text
    assert "61% 19% p = 0.0004 not known" in text
    assert "times as much as on a day" not in text and "When that changed" not in text


def test_a_bare_document_of_the_contract_renders() -> None:
    """What another program may write: no totals, no timeline, no roles, no harvest told apart."""
    bare = {"timeline": [], "roles": {}, "evidence": [], "templates": [], "harvested_exchanges": 0, "chance_p": None}
    campaign = replace(sample_report().campaigns[0], **bare)
    text = Page(report_html(Report(window=sample_report().window, campaigns=[campaign]))).text
    assert "One campaign took 98,400 exchanges through 143 accounts" in text
    assert "harvested and unrelated ones were not told apart" in text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_and_never_obeyed(text: str, page: Page) -> None:
    html = report_html(poisoned(sample_report(), text))
    attacked = Page(html)
    assert attacked.tags <= page.tags
    assert attacked.mismatched == [] and attacked.open == []
    assert not any(name.startswith("on") for _, attrs in attacked.elements for name in attrs)
    assert set(attacked.attributes("id")) == set(page.attributes("id")) - timeline_ids(page)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)


def timeline_ids(page: Page) -> set[str]:
    """A day that is no date has no place on a line of time, so a poisoned page has no such drawing."""
    return {one for one in page.attributes("id") if re.search("-(days|when)", one)}


def test_an_override_is_written_out() -> None:
    assert "harmless [U+202E]txt.exe[U+2066]" in Page(report_html(poisoned(sample_report(), HOSTILE["override"]))).text


def test_an_unbroken_string_is_cut_and_its_length_is_told() -> None:
    html = report_html(poisoned(sample_report(), HOSTILE["long"]))
    assert "(9,340 more characters)" in html  # a skeleton
    assert "A" * 1201 not in html
    assert "overflow-wrap: anywhere" in html


def test_the_page_needs_no_network_and_no_script(html: str, page: Page) -> None:
    assert page.tags.isdisjoint(
        {"script", "link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
    )
    assert page.attributes("src") == [] and page.attributes("action") == []
    assert all(link.startswith("#") for link in page.attributes("href"))
    assert not re.search(r"https?:|url\(|@import|@font-face|data:|javascript:", html)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.attributes("content")


def test_the_page_is_well_formed_and_has_an_order(page: Page) -> None:
    assert page.mismatched == [] and page.open == []
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    referred = {one for value in page.attributes("aria-labelledby") for one in value.split()}
    referred |= {link[1:] for link in page.attributes("href")}
    assert referred <= set(ids)


def test_every_table_cell_can_be_announced(page: Page) -> None:
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in page.elements if tag == "th")
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") > 0
    assert dict(page.elements)["html"]["lang"] == "en"


def luminance(colour: str) -> float:
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("text", "paper"),
        ("muted", "paper"),
        ("accent", "paper"),
        ("text", "raised"),
        ("accent", "accent-soft"),
        ("text", "accent-soft"),
    ],
)
def test_contrast_is_enough_to_read(html: str, theme: str, ink: str, ground: str) -> None:
    themes = [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", html, re.S)]
    colours = dict(zip(("light", "dark", "print"), themes, strict=True))[theme]
    dark, light = sorted((luminance(colours[ink]), luminance(colours[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_an_unknown_probability_is_said_to_be_unknown() -> None:
    campaign = sample_report().campaigns[0]
    unknown = replace(campaign.release_response[0], p_value=float("nan"))
    saved = json.loads(
        campaigns_json(replace(sample_report(), campaigns=[replace(campaign, release_response=[unknown])]))
    )
    assert "61% 19% not known" in Page(report_html(Report.from_dict(saved))).text
