"""Rows of a comparison beside stillwatch's own: how many times its processor time and memory, and which goals are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
LEAST_MB = 1.0  # memory below which a ratio says nothing: pages come in larger steps


def compared(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each row with `times_cpu` and `times_memory`, those of the first row of ours being 1; skipped rows as they are."""
    ours = next((row for row in rows if row["ours"] and "skipped" not in row), None)
    return [dict(row) if ours is None or "skipped" in row else {**row, **_times(row, ours)} for row in rows]


def _times(row: Row, ours: Row) -> dict[str, float]:
    return {
        "times_cpu": row["cpu"] / ours["cpu"],
        "times_memory": max(row["memory_mb"], LEAST_MB) / max(ours["memory_mb"], LEAST_MB),
    }


def met(rows: Sequence[Row], goals: Mapping[str, float], judged_by: str | None) -> list[dict[str, Any]]:
    """For each package with a goal: how far ahead of its best row we are, in time, memory and quality."""
    ours = next((row for row in rows if row["ours"] and "skipped" not in row), None)
    verdicts = []
    for package, goal in goals.items():
        theirs = [row for row in rows if row.get("package") == package and "skipped" not in row and not free(row)]
        if ours is None or not theirs:
            verdicts.append({"package": package, "goal": goal, "skipped": True})
            continue
        verdict = {
            "package": package,
            "goal": goal,
            "times_cpu": min(row["times_cpu"] for row in theirs),
            "times_memory": min(row["times_memory"] for row in theirs),
        }
        if judged_by:
            verdict["behind"] = max(0.0, max(row[judged_by] for row in theirs) - ours[judged_by])
        verdict["met"] = (
            verdict["times_cpu"] >= goal and verdict["times_memory"] >= 1 and verdict.get("behind", 0.0) < 0.005
        )
        verdicts.append(verdict)
    return verdicts


def free(row: Row) -> bool:
    """Whether a row was given what the others had to make: a bare number, no goal is measured by it."""
    return "given" in str(row["name"])


def table(rows: Sequence[Row]) -> str:
    """As Markdown: what every row tells, then what only this comparison asks."""
    known = ("cpu", "cpu_median", "wall", "memory_mb", "peak_mb", "times_cpu", "times_memory")
    apart = {"name", "ours", "package", "version", "runs", "answer", *known}
    more = list(dict.fromkeys(name for row in rows for name in row if name not in apart and name != "skipped"))
    head = ["contender", "version", "s", "median, runs", "wall s", "MB more", "MB in all", "times s", "times MB", *more]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        if "skipped" in row:
            cells = [row["name"], f"skipped: {row['skipped']}", *[""] * (len(head) - 2)]
        else:
            cells = [row["name"], row["version"], _number(row["cpu"]), f"{_number(row['cpu_median'])}, {row['runs']}"]
            cells += [_number(row[name]) for name in ("wall", "memory_mb", "peak_mb", "times_cpu", "times_memory")]
            cells += [_number(row[name]) if name in row else "" for name in more]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def goals_table(verdicts: Sequence[Row]) -> str:
    """One line for each goal."""
    lines = []
    for one in verdicts:
        if one.get("skipped"):
            lines.append(f"- {one['package']}: goal {one['goal']:g} times, not measured")
            continue
        behind = f", quality {one['behind']:.3f} behind its best" if one.get("behind", 0.0) >= 0.005 else ""
        lines.append(
            f"- {one['package']}: {'met' if one['met'] else 'NOT met'}: its fastest row takes {_number(one['times_cpu'])} "
            f"times our processor time (goal {one['goal']:g}), its leanest {_number(one['times_memory'])} times our "
            f"memory{behind}"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    """Three digits that count; a share to a thousandth."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
