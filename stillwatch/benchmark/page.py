"""detection.html: the document for a person. One file, no network, no script, light and dark, fit to print."""

from __future__ import annotations

import shlex
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.benchmark.measures.campaigns import ENOUGH_FOUND, WHOLE
from stillwatch.benchmark.measures.delay import SEEN
from stillwatch.benchmark.measures.exchanges import CLAIMED
from stillwatch.benchmark.plots import ladder, reliability, strip
from stillwatch.benchmark.told import BY_NAME, MAIN, MEASURES, best, decimal, interval, number, told
from stillwatch.render import wording
from stillwatch.render.svg import share_bar
from stillwatch.render.visible import clipped, visible

LONGEST_TEXT = 2_000  # characters; the end of a traceback is the longest thing here
HEAT = (0.0, 100.0, 1_000.0, 5_000.0, 20_000.0)  # false accusations per 100,000 above which a cell is a shade darker

Document = dict[str, Any]


def page(document: Document) -> str:
    """The whole page."""
    rows = document["pooled"]
    names = [one["name"] for one in document["detectors"]]
    return (
        _environment()
        .get_template("detection.html")
        .render(
            document=document,
            headline=headline(document),
            names=names,
            glance=glance(document),
            worlds=[_world(place, world, rows) for place, world in enumerate(document["worlds"], start=1)],
            ladders=ladders(document),
            groups=heat(document),
            reliabilities=[
                (name, one["calibration"], reliability(f"reliability-{place}", name, one["calibration"]["bins"]))
                for place, (name, one) in enumerate(document["over_all_worlds"].items(), start=1)
                if one["calibration"]
            ],
            planted=[row for row in rows if row["seeds"] and row["campaigns"] and row["campaigns"]["whole"]],
            harvests=[row for row in rows if row["seeds"] and row["exchanges"] and row["exchanges"]["recall"]],
            conducts=[row for row in rows if row["seeds"] and row["conduct"] and _asked(row["conduct"])],
            delays=[row for row in rows if row["seeds"] and row["delays"]],
            costs=_costs(document),
            beaten=[(BY_NAME[one["measure"]], one) for one in document["not_better"]],
            command=shlex.join(document["settings"]["command"]),
        )
    )


def headline(document: Document) -> str:
    """What the subject achieves, in two sentences, before any table."""
    own = [row for row in document["pooled"] if row["detector"] == document["subject"] and row["seeds"]]
    said = []
    recalls = [(row["label"], row["recall"]["value"]) for row in own if row["recall"]]
    if recalls:
        low, high = (pick(recalls, key=lambda one: one[1]) for pick in (min, max))
        span = f"{wording.percent(low[1])} ({low[0]})"
        if low != high:
            span += f" to {wording.percent(high[1])} ({high[0]})"
        said.append(f"{document['subject']} accuses {span} of the accounts of planted campaigns")
    honest = [row["false_accusations"] for row in own if row["false_accusations"]]
    if honest:  # worlds do not add up: the ordinary accounts of the rungs are the same people
        worst = max(honest, key=lambda one: one["value"])
        said.append(
            f"it accuses {worst['hits']:,} of {wording.count(worst['of'], 'ordinary account')} falsely in the worst world"
        )
    return (", and ".join(said) or f"{document['subject']} finished on no world") + "."


def glance(document: Document) -> list[tuple[str, list[tuple[str, bool]]]]:
    """A row a detector, a column a world: F1, or false accusations where nothing was planted; and whether it is the best."""
    by_place = {(row["world"], row["detector"]): row for row in document["pooled"]}
    made = []
    for one in document["detectors"]:
        cells = []
        for world in document["worlds"]:
            measure = BY_NAME["f1" if world["campaigns"] else "false_accusations"]
            here = [row for row in document["pooled"] if row["world"] == world["world"]]
            found = measure.of(by_place[world["world"], one["name"]])
            cells.append((told(measure, found), found is not None and found["value"] == best(measure, here)))
        made.append((one["name"], cells))
    return made


def _world(place: int, world: Document, rows: list[Document]) -> Document:
    here = [row for row in rows if row["world"] == world["world"]]
    first = {one.name: best(one, here) for one in MAIN}
    made = []
    for line, row in enumerate(here, start=1):
        cells = []
        for one in MAIN:
            found = one.of(row)
            is_best = found is not None and found["value"] == first[one.name]
            cells.append((told(one, found), interval(one, found), is_best))
        picture = strip(f"strip-{place}-{line}", row["detector"], row.get("recall"), row.get("precision"))
        made.append({"row": row, "cells": cells, "picture": picture})
    return {**world, "rows": made, "key": f"world-{place}", "parts": _parts(here)}


def _parts(here: list[Document]) -> list[tuple[str, list[Document | None]]]:
    """Recall of each campaign and each role, by detector."""
    made = []
    for kind in ("recall_by_campaign", "recall_by_role"):
        for name in dict.fromkeys(name for row in here for name in row.get(kind, {})):
            made.append((name, [row.get(kind, {}).get(name) for row in here]))
    return made


def ladders(document: Document) -> list[Document]:
    """Each world that was measured on several rungs, with F1 at each of them."""
    made = []
    for base in dict.fromkeys(one["world"].split("@")[0] for one in document["worlds"]):
        rungs = sorted(
            (one for one in document["worlds"] if one["world"].split("@")[0] == base), key=lambda one: one["rung"]
        )
        if len(rungs) < 2:
            continue
        values = {
            one["name"]: [_f1(document, rung["world"], one["name"]) for rung in rungs] for one in document["detectors"]
        }
        panels = []
        for place, (name, own) in enumerate(values.items(), start=1):
            others = [other for known, other in values.items() if known != name]
            picture = ladder(f"ladder-{rungs[0]['label']}-{place}", name, own, others)
            panels.append((name, picture, ["–" if one is None else decimal(one) for one in own]))
        made.append({"base": base, "rungs": [one["rung"] for one in rungs], "panels": panels})
    return made


def _f1(document: Document, world: str, detector: str) -> float | None:
    row = next(one for one in document["pooled"] if (one["world"], one["detector"]) == (world, detector))
    found = BY_NAME["f1"].of(row)
    return None if found is None else float(found["value"])


def heat(document: Document) -> list[tuple[str, list[tuple[Document | None, int]]]]:
    """False accusations by group and detector, each with its shade."""
    known = {name: one["false_accusations_by_group"] for name, one in document["over_all_worlds"].items()}
    names = [one["name"] for one in document["detectors"]]
    groups = dict.fromkeys(group for one in known.values() for group in one)
    return [(group, [_shaded(known.get(name, {}).get(group)) for name in names]) for group in groups]


def _shaded(found: Document | None) -> tuple[Document | None, int]:
    return found, sum(found["value"] > edge for edge in HEAT) if found else 0


def _costs(document: Document) -> list[tuple[str, Document, Markup]]:
    known = document["over_all_worlds"]
    longest = max((one["seconds"]["value"] for one in known.values()), default=1.0)
    return [
        (name, one, share_bar(f"seconds-{place}", f"Seconds of {name}", one["seconds"]["value"] / longest))
        for place, (name, one) in enumerate(known.items(), start=1)
    ]


def _asked(conduct: Document) -> bool:
    return bool(conduct["capability"] or conduct["pivot"] or conduct["pivots_invented"])


def _shown(value: Any) -> Any:
    """Every expression of the template passes here: what a detector's file or its stderr holds is not printed as it came."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(clipped(value, LONGEST_TEXT))


def _fraction(found: Document | None) -> str:
    return "–" if found is None else f"{found['hits']:,} of {found['of']:,}"


def _sure(found: Document | None) -> Markup:
    """A share with its interval."""
    measure = BY_NAME["recall"]
    return Markup('{} <span class="interval">{}</span>').format(told(measure, found), interval(measure, found))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("stillwatch.benchmark", "templates"), PackageLoader("stillwatch.render", "templates")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {name: getattr(wording, name) for name in ("count", "instant", "percent", "listed", "word")}
    environment.filters |= {"decimal": decimal, "number": number, "fraction": _fraction, "sure": _sure}
    environment.globals |= {
        "main": MAIN, "measures": MEASURES, "seen": SEEN, "claimed": CLAIMED, "whole": WHOLE, "enough": ENOUGH_FOUND,
    }  # fmt: skip
    return environment
