"""Three pictures of a run, as SVG that is the same to the byte when the run is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stillwatch.laboratory.page import called

Document = dict[str, Any]

# Okabe and Ito's colours: apart for those who do not see red and green, and in grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8B6914", "#7F7F7F")
_MARKS = "osD^vPX<>"
_STYLE = {
    "svg.hashsalt": "stillwatch", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#E6E6E6", "axes.axisbelow": True, "axes.edgecolor": "#666666",
    "figure.facecolor": "white", "savefig.facecolor": "white", "axes.titlesize": 11, "axes.titlelocation": "left",
}  # fmt: skip
_STRAIGHT = 3  # up to this −log₁₀ p is drawn as it is: there, chance is told from more; above, in tenfolds
_HEIGHTS = (0, 1, 2, 3, 10, 30, 100, 300, 1_000)
_ASIDE = 0.07  # of a step: points of one share do not hide each other
_FAINT = "#DDDDDD"
FILES = {"accuracy.svg", "safeguards.svg", "marks.svg"}


def drawn(document: Document, folder: Path) -> None:
    """Writes all of them."""
    with matplotlib.rc_context(_STYLE):
        for name, draw in (("accuracy", accuracy), ("safeguards", safeguards), ("marks", marks)):
            figure = draw(document)
            figure.savefig(
                folder / f"{name}.svg", metadata={"Date": None, "Creator": "stillwatch"}, bbox_inches="tight"
            )
            pyplot.close(figure)


def accuracy(document: Document) -> Figure:
    """How much a student gets right, by how many tokens its owner was billed for."""
    figure, axes = pyplot.subplots(figsize=(8, 4.6))
    ends = []
    for place, row in enumerate(document["safeguards"]):
        x = [point["billed"] / 1e3 for point in row["course"]]
        y = [100 * point["value"] for point in row["course"]]
        colour, style = _COLOURS[place % len(_COLOURS)], "--" if row["laboratory_only"] else "-"
        axes.plot(x, y, style, color=colour, marker=_MARKS[place % len(_MARKS)], markersize=5, linewidth=1.6)
        ends.append((y[-1], called(row), colour))
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    _beside(axes, max(x), ends)
    axes.set_xlabel("tokens billed, thousands (what is hidden is billed as well)")
    axes.set_ylabel("right answers to problems not seen, %")
    axes.set_title("What a student learns from a teacher's answers, by safeguard")
    return figure


def safeguards(document: Document) -> Figure:
    """A line for each safeguard: what it costs a student, and what an honest user, on one scale."""
    rows = document["safeguards"][1:]
    panels = (
        ("student_loss", "student: points of accuracy lost"),
        ("honest_loss", "honest user: points of accuracy lost"),
    )
    figure, plots = pyplot.subplots(1, 3, figsize=(11, 0.42 * len(rows) + 1.6), sharey=True, width_ratios=(3, 3, 1.6))
    for axes, (name, title) in zip(plots, panels, strict=False):
        for place, row in enumerate(rows):
            loss = row[name]
            colour = _COLOURS[1] if row["laboratory_only"] else _COLOURS[0]
            filled = colour if loss["beyond_chance"] else "white"
            axes.plot([100 * loss["low"], 100 * loss["high"]], [place, place], color=colour, linewidth=2)
            axes.plot(100 * loss["value"], place, "o", color=colour, markerfacecolor=filled, markersize=7)
        axes.axvline(0, color="#666666", linewidth=1)
        axes.set_title(title)
    left = min(axes.get_xlim()[0] for axes in plots[:2])
    right = max(axes.get_xlim()[1] for axes in plots[:2])
    for axes in plots[:2]:
        axes.set_xlim(left, right)
    plots[2].barh(range(len(rows)), [100 * row["steps_shown"] for row in rows], color="#9BB7CC", height=0.55)
    plots[2].set_xlim(0, 100)
    plots[2].set_title("steps of reasoning shown, %")
    plots[0].set_yticks(range(len(rows)), [called(row) for row in rows])
    plots[0].invert_yaxis()
    figure.text(
        0.01, -0.02, "Lines: intervals of 95%. Hollow: within chance. Orange: falsifies what is served, laboratory only.",
        color="#444444", fontsize=9,
    )  # fmt: skip
    return figure


def marks(document: Document) -> Figure:
    """How sure a test is that a student learned marked texts, by how much of them was."""
    figure, plots = pyplot.subplots(1, 2, figsize=(10, 4.4), sharey=True)
    titles = {"pairs": "each pair of context and token once", "leaning": "against unmarked answers of the teacher"}
    for axes, (score, title) in zip(plots, titles.items(), strict=True):
        _marks(axes, document, score)
        axes.set_title(title)
    plots[0].set_ylabel("−log₁₀ p, answers to prompts that were served")
    plots[1].legend(frameon=False, loc="upper left")
    return figure


def _marks(axes: Axes, document: Document, score: str) -> None:
    looks = [one for one in document["marks"] if one["score"] == score and one["prompts"] == "served"]
    controls = [-one["log10_p"] for one in looks if one["share"] == 0]
    shares = sorted({one["share"] for one in looks})
    places = {share: place for place, share in enumerate(shares)}
    axes.axhspan(0, max(controls, default=0), color=_FAINT, label="students that learned no marks", zorder=0)
    for number, window in enumerate(document["settings"]["size"]["windows"]):
        here = [one for one in looks if one["window"] == window and not one["reworded"]]
        beside = (number - 1) * _ASIDE
        x = [places[one["share"]] + beside for one in here]
        y = [max(-one["log10_p"], 0) for one in here]
        axes.plot(x, y, _MARKS[number], color=_COLOURS[number], markersize=5, alpha=0.75)
        means = {place: [b for a, b in zip(x, y, strict=True) if a == place] for place in sorted(set(x))}
        line = [sum(values) / len(values) for values in means.values()]
        label = f"window {window}"
        axes.plot(list(means), line, color=_COLOURS[number], marker=_MARKS[number], linewidth=1.6, label=label)
    axes.set_yscale("symlog", linthresh=_STRAIGHT)
    highest = max(-one["log10_p"] for one in document["marks"])
    heights = [one for one in _HEIGHTS if one <= max(2 * highest, _STRAIGHT)]
    axes.set_ylim(-0.2, max(2 * highest, _STRAIGHT))
    axes.set_yticks(heights, map(str, heights))
    axes.yaxis.minorticks_off()
    axes.set_xticks(range(len(shares)), [f"{share:.0%}" for share in shares])
    axes.set_xlabel("of what it learned from, marked")


def _beside(axes: Axes, at: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names at the ends of lines, moved apart where lines end together."""
    apart = 0.055 * axes.get_ylim()[1]
    below = -apart
    for height, name, colour in sorted(ends):
        below = max(height, below + apart)
        axes.annotate(
            name, (at, height), (1.02 * at, below), color=colour, va="center", fontsize=9, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip
