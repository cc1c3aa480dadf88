"""The report on a terminal: one table of campaigns, and the lines around it.

ID      Campaign                                  Accounts  Exchanges  Harvested  Co Ex Fr Cv  Conf.
C-3f9a  143 accounts on 9 payment cards, …             143     98,400     71,204  98 94 81 47    99%
        +9.4 118 of 143 accounts were paid for …
        +8.1 71,204 prompts from 139 accounts …
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from stillwatch.evidence import FINDINGS, VERDICTS, Campaign, Report
from stillwatch.render import sentences
from stillwatch.render.visible import one_line
from stillwatch.render.waterfall import told
from stillwatch.render.wording import count, percent, probability

FULL_WIDTH = 96  # columns; with fewer, `harvested` gives its room to the name
WIDEST = 120  # columns; beyond it the eye loses the row
REASONS_SHOWN = 2  # why, at a glance; `stillwatch explain` tells the rest
LONGEST_NAME, LONGEST_REASON = 110, 84  # characters: three lines of their column, and two
SHORT_FINDINGS = dict(zip(FINDINGS, ("Co", "Ex", "Fr", "Cv"), strict=True))


class CampaignsTable:
    """The table, which chooses its columns when it learns how much room there is."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = min(options.max_width, WIDEST)
        yield _table(self.report, full=room >= FULL_WIDTH, room=room)


def campaigns_table(report: Report) -> CampaignsTable | Text:
    """Something that rich can print; with no campaign, the sentence that says so."""
    return CampaignsTable(report) if report.campaigns else Text(one_line(sentences.headline(report)))


def _table(report: Report, full: bool, room: int) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        width=room,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
        leading=1,
    )
    table.add_column("ID", no_wrap=True, max_width=14)
    table.add_column("Campaign, and why", ratio=1, overflow="fold")
    for heading in (
        "Accounts",
        "Exchanges",
        *(["Harvested"] if full else []),
        " ".join(SHORT_FINDINGS.values()),
        "Conf.",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for campaign in report.campaigns:
        table.add_row(
            Text(one_line(campaign.campaign_id), style="bold"),
            _name_and_reasons(campaign),
            f"{campaign.accounts:,}",
            f"{campaign.exchanges:,}",
            *([f"{campaign.harvested_exchanges:,}"] if full else []),
            " ".join(_hundredths(campaign, finding) for finding in FINDINGS),
            percent(campaign.confidence),
        )
    return table


def _name_and_reasons(campaign: Campaign) -> Text:
    # Text, never markup: a prompt that says [red] or [link=…] is quoted, not obeyed.
    cell = Text(_short(campaign.name, LONGEST_NAME))
    for reason in [one for one in told(campaign.evidence) if one.weight > 0][:REASONS_SHOWN]:
        cell.append(f"\n{reason.weight:+.1f} {_short(reason.text, LONGEST_REASON)}", style="dim")
    return cell


def _short(text: str, limit: int) -> str:
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _hundredths(campaign: Campaign, finding: str) -> str:
    """A score as two digits; three would need a wider column and say no more."""
    return f"{min(99, round(100 * campaign.findings[finding].score)):2d}" if finding in campaign.findings else " –"


def summary_lines(report: Report) -> list[Text]:
    """What stands around the table: verdicts, what was cleared, what was set aside, what the log lacked."""
    return [
        *_counts(report),
        *(Text(f"missing: {one_line(weakness)}", style="yellow") for weakness in report.weaknesses),
    ]


def look_lines(report: Report) -> Iterator[Text]:
    """One look of a watch: what was looked at, and a line for whatever happened to a campaign since the look before."""
    at, totals = report.totals["looked_at"], report.totals
    found = count(len(report.campaigns), "campaign")
    yield Text(f"{at}  {totals['exchanges']:,} exchanges of {totals['accounts']:,} accounts: {found}", style="dim")
    for campaign in report.campaigns:
        for event in campaign.detection.events if campaign.detection else []:
            if event["at"] == at:
                told = f"{campaign.campaign_id}  {event['what']}: {event['text']}; {campaign.name}"
                yield Text(f"{at}  {one_line(told)}", style="bold" if event["what"] == "found" else "")


def _counts(report: Report) -> Iterator[Text]:
    verdicts = report.totals.get("verdicts", {})
    if verdicts:
        yield Text("accounts: " + ", ".join(f"{verdicts.get(name, 0):,} {name}" for name in VERDICTS))
    for campaign in report.campaigns:
        if told_when := sentences.detection_in_brief(campaign):
            yield Text(f"{one_line(campaign.campaign_id)}: {one_line(told_when)}")
        if told_turnover := sentences.turnover_in_brief(campaign):
            yield Text(f"{one_line(campaign.campaign_id)}: {one_line(told_turnover)}")
        for pivot in campaign.pivots:
            yield Text(f"{one_line(campaign.campaign_id)}: {one_line(sentences.pivot_in_brief(pivot))}")
    if report.campaigns:
        yield Text("findings in hundredths: " + ", ".join(f"{short} {name}" for name, short in SHORT_FINDINGS.items()))
    for sweep in report.sweeps:
        told = f"{sentences.sweep_in_brief(sweep)}; by {sweep['who']} ({probability(sweep['p_value'])})"
        yield Text(f"a sweep to look at, which accuses nobody: {one_line(told)}", style="bold")
    cleared = len(report.near_misses)
    yield Text(f"{count(cleared, 'group')} looked at and cleared")
    for miss in report.near_misses:
        yield Text(f"  {_short(miss['name'], LONGEST_NAME)}: {one_line(miss['explanation'])}", style="dim")
    if rejected := report.totals.get("rejected", 0):
        yield Text(f"{count(rejected, 'row')} set aside: OUT/rejected.jsonl says why", style="yellow")
    if others := report.totals.get("passed_over"):
        told = ", ".join(f"{rows:,} {one_line(what)}" for what, rows in others.items())
        yield Text(f"passed over, because no exchanges: {told}", style="dim")
    yield Text("nothing has been enforced")
