from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from stillwatch.render.terminal import campaigns_table, summary_lines

from .sample import empty_report, sample_report


def printed(*parts: RenderableType, width: int = 100) -> str:
    console = Console(width=width, record=True, force_terminal=True, color_system="truecolor", file=StringIO())
    for part in parts:
        console.print(part)
    return console.export_text()


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    report = sample_report()
    lines = printed(campaigns_table(report), *summary_lines(report), width=width).splitlines()
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "shown"), [(100, True), (80, False)])
def test_a_narrow_terminal_gives_up_one_column_and_no_campaign(width: int, shown: bool) -> None:
    text = printed(campaigns_table(sample_report()), width=width)
    assert ("71,204  98 94" in text) is shown
    for expected in ("C-3f9a", "98,400", "98 94 81 47", "99.1%", "C-b07d", "C-11e2"):
        assert expected in text


def test_the_two_strongest_reasons_stand_under_the_name() -> None:
    text = printed(campaigns_table(sample_report()))
    assert "+9.4 118 of 143 accounts" in text and "+8.1 71,204 prompts" in text
    assert "+6.7" not in text
    assert "Volume falls" not in text  # innocence is no reason for a campaign


def test_the_summary_counts_verdicts_cleared_groups_rejects_and_weaknesses() -> None:
    text = "\n".join(line.plain for line in summary_lines(sample_report()))
    for expected in (
        "accounts: 37,790 clear, 83 watch, 241 campaign",
        "3 groups looked at and cleared",
        "5,014 accounts behind one university network: A campus",
        "212 rows set aside: OUT/rejected.jsonl says why",
        "missing: No responses in the log",
        "a sweep to look at, which accuses nobody: 731 different techniques",
        "by accounts that nothing ties (p = 1×10⁻¹²)",
        "nothing has been enforced",
    ):
        assert expected in text


def test_the_summary_tells_pivots() -> None:
    lines = [line.plain for line in summary_lines(sample_report())]
    (told,) = [line for line in lines if "Turned from" in line]
    assert told.startswith(
        "C-3f9a: Turned from judging answers to reasoning on 15 July 2026, within a day of the release"
    )


def test_a_model_cannot_bury_the_summary() -> None:
    campaign = sample_report().campaigns[0]
    buried = replace(campaign, pivots=[{**campaign.pivots[0], "release": "m" * 9000}])
    lines = [line.plain for line in summary_lines(replace(sample_report(), campaigns=[buried]))]
    assert max(map(len, lines)) < 500


def test_nothing_found_is_a_sentence() -> None:
    assert "No campaign was found in 4,812,330 exchanges" in printed(campaigns_table(empty_report()), width=200)


def test_a_name_cannot_command_the_terminal() -> None:
    hostile = "[red]\x1b[2J\x1b]8;;x\x07 \u202eevil[/] [link=x]"
    campaign = replace(sample_report().campaigns[0], name=hostile, campaign_id="[bold]C")
    text = printed(campaigns_table(replace(sample_report(), campaigns=[campaign])), width=120)
    assert "[red][U+001B][2J" in text and "[bold]C" in text
    assert "\x1b" not in text and "\u202e" not in text
