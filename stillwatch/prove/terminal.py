"""A judgement on a terminal: the verdict, a table of tests, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from stillwatch.render.visible import one_line

_HOLDS = {True: "yes", False: "NO", None: "not known"}


def lines(told: dict[str, Any]) -> Iterator[Text]:
    """Verdict, meaning and doubts."""
    yield Text(one_line(told["headline"]), style="bold")
    yield Text(one_line(told["meaning"]))
    for one in (*told["doubts"], *told["limits"]):
        yield Text(f"  - {one_line(one)}")


def tests(told: dict[str, Any]) -> Table:
    """What was tested of the suspect and of the controls."""
    table = _table("Test", "Counted", "Times chance", "log10 p", "for all tests")
    for model in (told["suspect"], *told["controls"]):
        table.add_row(Text(one_line(model["name"]), style="bold underline"))
        for one in model["tests"]:
            mark = one["mark"]
            counted = mark["contexts"] if mark else sum(slot["answers"] for slot in one["slots"])
            table.add_row(
                Text(f" {one_line(one['test'])}"), f"{counted:,}", _against(mark),
                f"{one['log10_p']:.1f}", f"{one['log10_p_corrected']:.1f}",
            )  # fmt: skip
    return table


def _against(mark: dict[str, Any] | None) -> str:
    if mark is None:
        return ""
    return f"z {mark['z']:+.1f}" if mark["mean"] is None else f"{mark['mean']:.3f}"


def checks(told: dict[str, Any]) -> Table:
    """What the verdict rests on."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("Holds", "What it rests on", ""):
        table.add_column(heading)
    for one in told["checks"]:
        table.add_row(_HOLDS[one["holds"]], Text(one["what"]), Text(one_line(one["told"])))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(first)
    for one in others:
        table.add_column(one, justify="right")
    return table
