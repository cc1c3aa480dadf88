"""The tables of a run in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from stillwatch.laboratory.plan import HOT, STEERED

Document = dict[str, Any]


def page(document: Document) -> str:
    """distill.md."""
    settings, teacher = document["settings"], document["teacher"]
    return "\n\n".join([
        "# Distillation in the laboratory",
        f"Size {settings['size']['name']}, seed {settings['seed']}, on {settings['device']}: "
        f"{document['seconds']['all']['cpu']:.0f} seconds of processor. The teacher answers {_percent(teacher)} of "
        f"{teacher['of']} problems that it has not seen.",
        "## Safeguards", safeguards(document), "![](safeguards.svg)", "![](accuracy.svg)",
        "## Marks", marks(document), "![](marks.svg)",
        "## Controls", controls(document),
        "## Canaries", canaries(document),
    ]) + "\n"  # fmt: skip


def safeguards(document: Document) -> str:
    """A line each: the student's side, then the honest user's."""
    rows = [
        (
            called(row),
            f"{row['accuracy']:.1%} of {len(row['by_student'])}",
            "–" if row["safeguard"] == "none" else _loss(row["student_loss"]),
            _percent(row["answers"]), "–" if row["safeguard"] == "none" else _loss(row["honest_loss"]),
            f"{row['steps_shown']:.0%}", f"{row['more_tokens']:+.1%}", f"{row['log_probability']:.3f}",
            f"{row['distinct']:.0%}",
        )
        for row in document["safeguards"]
    ]  # fmt: skip
    return _grid(
        ("safeguard", "right, mean of students", "student loses, points", "answers right", "honest user loses, points",
         "steps shown",         "tokens", "log-probability a token", "distinct 4-grams"),
        rows,
    )  # fmt: skip


def marks(document: Document) -> str:
    """A line for each window and share: p by both scores, on both kinds of prompts."""
    looks = [one for one in document["marks"] if one["share"]]
    kinds = dict.fromkeys((one["window"], one["share"], one["reworded"], one["number"]) for one in looks)
    rows = []
    for window, share, reworded, number in kinds:
        here = {
            (one["prompts"], one["score"]): one
            for one in looks
            if (one["window"], one["share"], one["reworded"], one["number"]) == (window, share, reworded, number)
        }
        told = [_p(here[kind]) for kind in _KINDS]
        rows.append((window, f"{share:.0%}{', reworded' if reworded else ''}", number + 1, *told))
    return _grid(("window", "marked", "student", *(f"{prompts}, {score}" for prompts, score in _KINDS)), rows)


_KINDS = (("served", "pairs"), ("served", "leaning"), ("others", "pairs"), ("others", "leaning"))


def controls(document: Document) -> str:
    """Whether p-values are what they say."""
    rows = [
        (
            one["window"], f"{one['prompts']}, {one['score']}", one["students"], f"{one['smallest']:.3f}",
            f"{one['uniform_p']:.2f}",
            f"{one['z_mean']:+.2f} ± {one['z_deviation']:.2f}",
            *(f"{one['keys_below'][level]:.2%}" for level in ("0.05", "0.01", "0.001")),
        )
        for one in document["controls"]
    ]  # fmt: skip
    return _grid(
        (
            "window",
            "test",
            "students without marks",
            "smallest p",
            "uniform? (KS)",
            "z",
            "wrong keys below 0.05",
            "0.01",
            "0.001",
        ),
        rows,
    )


def canaries(document: Document) -> str:
    """How often students name the canary."""
    rows = [
        (
            one["student"], one["bearing"], f"{one['named']} of {one['of']}",
            f"{one['unmarked_named']} of {one['unmarked_of']}",
            f"{one['p']:.2g}", f"{one['rank']} of {one['names']}",
        )
        for one in document["canaries"]
    ]  # fmt: skip
    return _grid(("student", "texts bearing it", "named", "by the teacher", "p (Fisher)", "rank"), rows)


def table(document: Document) -> Table:
    """The safeguards on a terminal."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("Safeguard", "Student right", "Loses, points", "Honest user loses", "Steps shown"):
        made.add_column(heading, justify="left" if heading == "Safeguard" else "right")
    for row in document["safeguards"]:
        first = row["safeguard"] == "none"
        made.add_row(
            called(row), f"{row['accuracy']:.1%}", "" if first else _loss(row["student_loss"]),
            "" if first else _loss(row["honest_loss"]), f"{row['steps_shown']:.0%}",
        )  # fmt: skip
    return made


def called(row: Document) -> str:
    """A safeguard, as people read it."""
    name = _CALLED.get(row["safeguard"]) or str(row["safeguard"])
    return f"{name} (laboratory)" if row["laboratory_only"] else name


_CALLED = {STEERED: "antidistillation sampling", HOT: "temperature 1.5"}


def _percent(share: Document) -> str:
    return f"{share['value']:.1%} ({100 * share['low']:.1f}–{100 * share['high']:.1f})"


def _loss(loss: Document) -> str:
    told = f"{100 * loss['value']:.1f} ({100 * loss['low']:.1f} to {100 * loss['high']:.1f})"
    return told if loss["beyond_chance"] else f"{told}, chance"


def _p(look: Document) -> str:
    """Log p by its distribution, and the share of control keys that score as much."""
    return f"{look['log10_p']:.1f} / {look['rank_p']:.3f}"


def _grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
