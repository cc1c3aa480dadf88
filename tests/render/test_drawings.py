import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.evidence import Reason
from stillwatch.render.html import report_html
from stillwatch.render.svg import parts_bar, share_bar
from stillwatch.render.timeline import MOST_BARS, timeline
from stillwatch.render.waterfall import waterfall

from .sample import RELEASES, days, sample_report

weights = st.lists(st.floats(-50, 50), max_size=12)


def looks(picture: str) -> list[str | None]:
    return [mark.get("class") for mark in ElementTree.fromstring(picture).iter("rect")]


def test_every_drawing_on_the_page_is_xml_with_a_title_and_a_description() -> None:
    drawings = re.findall(r"<svg.*?</svg>", report_html(sample_report()), re.S)
    assert len(drawings) > 20
    for one in drawings:
        root = ElementTree.fromstring(one)
        assert root.findtext("title") and root.findtext("desc")
        assert root.get("role") == "img"


@given(title=st.text())
def test_no_title_breaks_a_drawing(title: str) -> None:
    ElementTree.fromstring(share_bar("k", title, 0.5))


@given(weights=weights)
def test_a_waterfall_adds_up_and_stays_inside(weights: list[float]) -> None:
    drawn = waterfall([Reason("code", "text", weight, "") for weight in weights], "k")
    assert drawn.total == pytest.approx(sum(weights), abs=1e-9)
    starts, ends = [step.start for step in drawn.steps], [step.end for step in drawn.steps]
    assert starts == [0.0, *ends[:-1]][: len(starts)]
    for picture in [*(step.picture for step in drawn.steps), drawn.sum_picture]:
        for mark in ElementTree.fromstring(picture).iter("rect"):
            assert 0 <= float(mark.get("x", "").rstrip("%")) <= 100


def test_innocence_comes_last_and_looks_different() -> None:
    drawn = waterfall([Reason("a", "", -2, ""), Reason("b", "", 5, ""), Reason("c", "", 7, "")], "k")
    assert [step.reason.code for step in drawn.steps] == ["c", "b", "a"]
    assert ["innocence" in looks(step.picture) for step in drawn.steps] == [False, False, True]


def test_days_without_exchanges_keep_their_place() -> None:
    drawn = timeline([*days("2026-07-01", [5]), *days("2026-07-04", [10])], [], "k", "C-1")
    assert drawn is not None
    heights = [mark.get("height") for mark in ElementTree.fromstring(drawn.picture).iter("rect")]
    assert heights == ["75.0", "0.0", "0.0", "150.0"]
    assert (drawn.first, drawn.last, drawn.peak) == ("1 July 2026", "4 July 2026", 10)


def test_releases_inside_the_period_are_marked_and_numbered() -> None:
    drawn = timeline(days("2026-07-10", [1] * 10), RELEASES, "k", "C-1")
    assert drawn is not None
    assert [(one.number, one.model) for one in drawn.releases] == [(1, "harbour-4-mini")]
    assert looks(drawn.picture).count("release") == 1


def test_years_are_added_up_into_few_bars() -> None:
    drawn = timeline(days("2024-01-01", [1] * 900), [], "k", "C-1")
    assert drawn is not None
    assert len(looks(drawn.picture)) <= MOST_BARS
    assert drawn.days_a_bar == drawn.peak == 5


def test_what_is_no_day_draws_nothing() -> None:
    assert timeline([{"day": "soon", "exchanges": 3}], RELEASES, "k", "C-1") is None


def test_parts_fill_the_whole_and_nothing_draws_nothing() -> None:
    widths = re.findall(r'<rect[^>]* width="([\d.]+)%"', parts_bar("k", "t", [("a", 3, "ink"), ("b", 1, "rail")]))
    assert widths == ["75.00", "25.00"]
    assert looks(parts_bar("k", "t", [("a", 0, "ink"), ("b", 0, "rail")])) == []


def test_a_campaign_of_the_sample_survives_any_order_of_reasons() -> None:
    report = sample_report()
    turned = replace(report.campaigns[0], evidence=list(reversed(report.campaigns[0].evidence)))
    assert report_html(replace(report, campaigns=[turned])) == report_html(
        replace(report, campaigns=[report.campaigns[0]])
    )
