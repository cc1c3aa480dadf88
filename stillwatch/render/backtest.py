"""A backtest on a terminal: the rules as a table, and below it whom they hit and what of the harvest they stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from stillwatch.render.visible import one_line
from stillwatch.render.wording import count

_GROUPS_SHOWN = 6  # of honest customers, a rule; --json has them all
_CAMPAIGNS_SHOWN = 12  # those with most exchanges; --json has them all


def rules_table(document: Mapping[str, Any]) -> Table:
    """One line a rule: what it asks for, what its limit lets through, whom it hits."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Rule, and what it does", overflow="fold", ratio=1)
    for heading in ("Exchanges", "let", "Accounts", "let", "a day", "Honest", "Harvest"):
        table.add_column(heading, justify="right", no_wrap=True)
    for rule in document["rules"]:
        asked, let = rule["asked"], rule["let_through"]
        table.add_row(
            Text.assemble((rule["id"], "bold"), f" ({rule['mode']})\n", (", ".join(rule["actions"]), "dim")),
            f"{asked['exchanges']:,}", f"{let['exchanges']:,}", f"{asked['accounts']:,}", f"{let['accounts']:,}",
            f"{asked['accounts_a_day']:,}", f"{rule['honest']['accounts']:,}", _share(rule["stopped"]["share_of_harvest"]),
        )  # fmt: skip
    return table


def backtest_lines(document: Mapping[str, Any]) -> Iterator[Text]:
    """What stands around the table."""
    window, looks = document["window"], document["standing"]["looks"]
    yield Text(
        f"{document['exchanges']:,} exchanges of {count(document['accounts'], 'account')}, "
        f"{window['from'][:16]} to {window['to'][:16]}; rules {_DATES[document['dates']]}"
    )
    if document["standing"]["hindsight"]:
        yield Text("hindsight: who was found at the end is taken as known from the start; a replay's result is honest in time",
                   style="yellow")  # fmt: skip
    else:
        yield Text(f"standing as of each exchange's time, by {count(looks, 'look')}")
    if document["found_in_log"] < document["attributed"]:
        missing = document["attributed"] - document["found_in_log"]
        yield Text(f"the result attributes {count(missing, 'exchange')} that the log does not have", style="yellow")
    for rule in document["rules"]:
        yield from _about(rule)
    yield from _harvest(document["harvest"])
    if "against" in document:
        yield from _against(document["against"])


_DATES = {"whole log": "over the whole log, whatever their dates", "as written": "from their dates to their ends"}


def _about(rule: Mapping[str, Any]) -> Iterator[Text]:
    name = f"{rule['id']}: "
    if rule["honest"]["accounts"] and rule["acts"]:
        told = ", ".join(
            f"{one['hit']:,} of {one['of']:,} {one['kind']} {one['group']}"
            for one in rule["honest"]["groups"][:_GROUPS_SHOWN]
        )
        yield Text(f"{name}in no campaign {rule['honest']['accounts']:,}: {one_line(told)}")
        yield Text(f"  such as {one_line(', '.join(rule['honest']['examples']))}", style="dim")
    if apart := {role: number for role, number in rule["roles"].items() if role in ("victim", "carrier")}:
        yield Text(
            name + ", ".join(count(number, role) for role, number in apart.items()) + " among those it applies to"
        )
    if rule["truth"] and rule["acts"]:
        groups = ", ".join(f"{number:,} {group}" for group, number in rule["truth"]["groups"].items())
        yield Text(f"{name}{rule['truth']['ordinary']:,} ordinary by label" + (f": {groups}" if groups else ""))
    if rule["limit"]["stopped"]:
        yield Text(f"{name}stops: {rule['limit']['stopped']}", style="yellow")
    if rule["untold"]:
        yield Text(f"{name}a log does not tell {', '.join(rule['untold'])}; it was tried without", style="yellow")
    if rule["acts"] and rule["mode"] != "off":
        may, would = ("may act", "may not act") if rule["mode"] == "live" else ("could go live", "could not go live")
        objection = rule["objection"]
        yield Text(
            f"{name}{would}: {objection}" if objection else f"{name}{may}", style="red" if objection else "green"
        )


def _harvest(harvest: Mapping[str, Any]) -> Iterator[Text]:
    if not harvest["exchanges"]:
        yield Text("no exchange of the log is attributed to a campaign")
        return
    yield Text(f"harvest: {_of(harvest)}", style="bold")
    for one in sorted(harvest["campaigns"], key=lambda one: -one["exchanges"])[:_CAMPAIGNS_SHOWN]:
        hours = one["hours_to_first_stop"]
        soon = "never" if hours is None else f"first {hours:,} hours after it began"
        yield Text(f"  {one_line(one['campaign_id'])}: {_of(one)}; {soon}")


def _of(one: Mapping[str, Any]) -> str:
    stopped, all_of = one["stopped"], one["stopped_without_limits"]
    return (
        f"{_share(stopped['exchanges'] / one['exchanges'])} of {one['exchanges']:,} exchanges and "
        f"{_share(stopped['output_tokens'] / max(one['output_tokens'], 1))} of {one['output_tokens']:,} tokens answered "
        f"would have been stopped ({_share(all_of['exchanges'] / one['exchanges'])} without limits)"
    )


def _against(against: Mapping[str, Any]) -> Iterator[Text]:
    for name, told in (("gained", "acts on, and the other does not"), ("lost", "does not, and the other does")):
        one = against[name]
        yield Text(
            f"{name}: {count(one['accounts'], 'account')} that this policy {told}, {one['honest']:,} in no campaign"
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
