"""The figures on a terminal: one table of worlds and detectors, and one of changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from stillwatch.benchmark.told import BY_NAME, MAIN, best, told
from stillwatch.render.visible import one_line
from stillwatch.render.wording import count

# Short enough for 80 columns; detection.html has the intervals.
SHORT = {"recall": "Recall", "precision": "Prec.", "f1": "F1", "average_precision": "AP", "false_accusations": "False"}
LONGEST_PROBLEM = 160  # characters of a failure; detection.html has more of it

Document = Mapping[str, Any]


def detection_table(document: Document) -> Table:
    """A line a detector under the name of each world; the best there in bold."""
    table = _table("World, detector", *SHORT.values(), "Whole", "Ex.r.", "Ex.p.", "Sec.")
    for world in document["worlds"]:
        here = [row for row in document["pooled"] if row["world"] == world["world"]]
        table.add_row(Text(world["label"], style="bold underline"))
        for place, row in enumerate(here):
            cells = [_cell(one.name, row, here) for one in MAIN]
            whole = (row.get("campaigns") or {}).get("whole")
            table.add_row(
                Text(f" {row['detector']}"),
                *cells,
                f"{whole['hits']}/{whole['of']}" if whole else "–",
                *(told(BY_NAME[name], BY_NAME[name].of(row)) for name in ("exchange_recall", "exchange_precision")),
                told(BY_NAME["seconds"], row.get("seconds")),
                end_section=place == len(here) - 1,
            )
    return table


def _cell(name: str, row: Document, here: list[Document]) -> Text:
    measure = BY_NAME[name]
    found = measure.of(row)
    first = found is not None and found["value"] == best(measure, here) and len(here) > 1
    return Text(told(measure, found), style="bold" if first else "")


def detection_lines(document: Document) -> Iterator[Text]:
    """What the short headings mean, calibration, where the subject is not better, and what failed."""
    yield Text(
        "False: false accusations per 100,000 ordinary accounts. Whole: campaigns found whole. Ex.: harvested exchanges.",
        style="dim",
    )
    for name, one in document["over_all_worlds"].items():
        if calibration := one["calibration"]:
            yield Text(
                f"scores of {name}: Brier {calibration['brier']:.4f}, "
                f"expected calibration error {calibration['expected_calibration_error']:.4f}"
            )
    if len(document["detectors"]) > 1:
        beaten = [f"{one['label']} {BY_NAME[one['measure']].words}" for one in document["not_better"]]
        yield Text(f"{document['subject']} is not better at: {', '.join(beaten) or 'nothing'}")
    if document["failed"]:
        yield Text(f"{count(len(document['failed']), 'run')} failed", style="yellow")
        for one in document["failed"]:
            said = one_line(one["problem"])[-LONGEST_PROBLEM:]
            yield Text(f"  {one['detector']} on {one['label']}, seed {one['seed']}: {said}", style="dim")


def compare_table(changes: Document) -> Table:
    """A line a world, detector and measure that changed."""
    table = _table("World", "Detector", "Measure", "Old", "New", "Change", "")
    for row in changes["rows"]:
        if row["change"]:
            measure = BY_NAME[row["measure"]]
            outside = {None: "chance not known", False: "within chance", True: "beyond both intervals"}[row["outside"]]
            table.add_row(
                row["label"],
                Text(row["detector"]),
                measure.words,
                measure.written(row["old"]),
                measure.written(row["new"]),
                Text(f"{row['change']:+.3g}", style="green" if row["better"] else "red"),
                f"{'better' if row['better'] else 'worse'}, {outside}",
            )
    return table


def compare_lines(changes: Document) -> Iterator[Text]:
    """What stands around the table."""
    same = sum(not row["change"] for row in changes["rows"])
    yield Text(f"{count(same, 'figure')} did not change; {changes['worse']} got worse beyond chance")
    if changes["settings_differ"]:
        yield Text(f"the runs differ in {', '.join(changes['settings_differ'])}: compare with care", style="yellow")
    for word, name in (
        ("fails now", "fails_now"),
        ("only in the old run", "only_old"),
        ("only in the new", "only_new"),
    ):
        if changes[name]:
            yield Text(f"{word}: {', '.join(changes[name])}")


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    left = ("World, detector", "World", "Detector", "Measure", "")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in left else "right", no_wrap=True)
    return table
