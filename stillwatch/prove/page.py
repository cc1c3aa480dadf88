"""proof.html: the judgement for a person. One file, no network, no script, no text of any customer."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.prove.lifted import BINS, BINS_TO
from stillwatch.render import wording
from stillwatch.render.svg import Mark, drawing
from stillwatch.render.visible import clipped, visible

HEIGHT = 54.0  # pixels of a picture of keys
_LONGEST_TEXT = 2_000  # characters
_BEYOND = 2 * BINS_TO  # standard deviations to which a picture reaches
_HOLDS = {True: "yes", False: "no", None: "not known"}


def page(told: dict[str, Any]) -> str:
    """The whole page of a document."""
    return (
        _environment()
        .get_template("proof.html")
        .render(
            told=told,
            pictures=[
                (test, keys(f"keys-{place}", test))
                for place, test in enumerate(told["suspect"]["tests"], start=1)
                if test["mark"] and test["mark"]["controls"]["keys"]
            ],
            recalls=[test for test in told["suspect"]["tests"] if test["slots"] and test["slots"][0]["chosen"]],
            holds=_HOLDS,
        )
    )


def keys(name: str, test: dict[str, Any]) -> Markup:
    """Where the promised key lies among those that nobody used, in standard deviations above chance."""
    mark = test["mark"]
    bins, across = mark["controls"]["bins"], 100 / (BINS_TO + _BEYOND)
    wide = 2 * BINS_TO / BINS * across
    marks = [Mark(0, 100, HEIGHT - 1, 1, "rail"), Mark(BINS_TO * across, 0, 0, HEIGHT, "zero")]
    for place, many in enumerate(bins):
        if many:
            tall = max(2.0, (HEIGHT - 6) * many / max(bins))
            marks.append(Mark(place * wide, wide * 0.86, HEIGHT - tall, tall, "thread", f"{many} unused keys"))
    at = (BINS_TO + min(max(mark["z"], -BINS_TO), _BEYOND)) * across
    marks.append(Mark(min(at, 99.2), 0.8, 0, HEIGHT, "ink", f"the promised key, {mark['z']:+.1f}"))
    return drawing(
        name, HEIGHT, f"{test['test']}: the promised key among {mark['controls']['keys']:,} that nobody used",
        f"The promised key is {mark['z']:+.1f} standard deviations from chance, as high are {mark['controls']['as_high']}.",
        marks,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("stillwatch.prove", "templates"), PackageLoader("stillwatch.render", "templates")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {name: getattr(wording, name) for name in ("count", "instant", "percent")}
    environment.filters["power"] = _power
    return environment


def _power(log10: float) -> Markup:
    return Markup("10<sup>{:.1f}</sup>").format(log10)


def _shown(value: Any) -> Any:
    return visible(clipped(value, _LONGEST_TEXT)) if type(value) is str else value
