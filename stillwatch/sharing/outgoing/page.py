"""A brief as one HTML page (no network, no script, fit to print) and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.render import wording
from stillwatch.render.html import skeleton
from stillwatch.render.visible import clipped, visible
from stillwatch.sharing.outgoing.brief import Brief

_LONGEST_TEXT = 2_000  # characters
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!@]|:(?=//)|(?<=\bwww)\.)")  # with what some programs make links of
_BEGINS = re.compile(r"^([-+=]|\d+(?=[.)]))")  # a list, in what begins a line


def html(brief: Brief) -> str:
    """The page."""
    return _environment().get_template("brief.html").render(brief=brief)


def markdown(brief: Brief) -> str:
    """The same in Markdown (CommonMark), with every character that means something there escaped in what others wrote."""
    return "\n".join(_markdown(brief)) + "\n"


def _markdown(brief: Brief) -> Iterator[str]:
    mark = f"**{brief.marking}**"
    yield from (f"{mark}: {brief.handling}", "", f"# {_plain(brief.title)}", "", _plain(brief.summary), "")
    yield from (f"From {_plain(brief.producer)} to {_plain(brief.to)}. Questions: {_plain(brief.contact)}.", "")
    for one in brief.campaigns:
        yield from (f"## {_plain(one.name)}", "")
        told = "; ".join(f"{value} {label}" for label, value in one.facts)
        yield from (_plain(f"Seen {one.when}: {told}." if told else f"Seen {one.when}."), "")
        yield from (_plain(f"That this is a campaign which collects answers is {one.sure}."), "")
        if one.operator:
            yield from (_plain(f"That one hand is behind it is {one.operator}; {one.whose}."), "")
        for asked in one.questions:
            yield from (f"### {_plain(asked.question)}", "")
            if asked.observed:
                yield from ("Observed:", "", *(f"- {_plain(line)}" for line in asked.observed), "")
            for line in asked.inferred:
                yield from (f"Inferred: {_plain(line)} {_plain(asked.agreed)}", "")
        if one.weighed:
            yield from (
                "### Ordinary explanations that were weighed",
                "",
                *(f"- {_plain(line)}" for line in one.weighed),
                "",
            )
    yield from ("## What this is not", "", *(f"- **{_plain(what)}** {_plain(why)}" for what, why in brief.is_not), "")
    if brief.asked:
        yield from ("## What is asked of you", "", *(f"- {_plain(line)}" for line in brief.asked), "")
    yield from ("## Indicators", "")
    for shown in brief.indicators:
        yield from (f"{_plain(shown.what)}: {shown.many:,}", "")
        yield from (f"- `{_code(value)}`, {_plain(sure)}, until {_plain(wording.day(until) or 'further notice')}"
                    for value, sure, until in shown.values)  # fmt: skip
        if shown.many > len(shown.values):
            yield f"- and {shown.many - len(shown.values):,} more in the table of indicators"
        yield ""
    if brief.techniques:
        yield from (
            "## Techniques of MITRE ATLAS",
            "",
            *(f"- {_plain(name)} ({_plain(id_)})" for name, id_ in brief.techniques),
            "",
        )
    yield from (f"Package {brief.digest}.", "", f"{mark}: {brief.handling}")


def _plain(text: str) -> str:
    line = _SPECIAL.sub(r"\\\1", " ".join(visible(clipped(text, _LONGEST_TEXT)).split()))
    return _BEGINS.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", line)


def _code(text: str) -> str:
    """Inside of backticks nothing is escaped, so there must be none."""
    return " ".join(visible(clipped(text, _LONGEST_TEXT)).split()).replace("`", "'")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("stillwatch.sharing.outgoing", "templates"),
                PackageLoader("stillwatch.render", "templates"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {name: getattr(wording, name) for name in ("count", "day")}
    environment.filters["skeleton"] = skeleton
    return environment


def _shown(value: Any) -> Any:
    """Every expression passes here: nothing that others wrote is printed as it came."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(clipped(value, _LONGEST_TEXT))
