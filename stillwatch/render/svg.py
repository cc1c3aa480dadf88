"""Drawings for the page, as small functions that return one inline SVG each.

Words stay in HTML, where they wrap, scale and can be copied; a drawing holds marks only and says what it shows in
`<title>` and `<desc>`. Across, everything is in percent and down in pixels, so one drawing fits a phone and a page of
paper without distortion. Colours are CSS classes, so that light, dark and print are one drawing as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.render.visible import clipped, visible

SHORTEST = 0.4  # percent; a thinner mark cannot be seen, and a small number is not nothing
HAIR = 1.5  # pixels; the width of a line
RAIL_HEIGHT, PARTS_HEIGHT = 6.0, 14.0  # pixels; a share is a detail, the whole cut in parts is a figure
LONGEST_TITLE = 300  # characters; it is read aloud


@dataclass(frozen=True)
class Mark:
    """One rectangle: where it stands, how it looks, and an optional word on hovering."""

    x: float  # percent
    width: float  # percent; 0 for a hairline
    y: float  # pixels
    height: float | None  # pixels; None for all the way down
    look: str  # CSS class
    hint: str = ""


def drawing(key: str, height: float | None, title: str, description: str, marks: Sequence[Mark]) -> Markup:
    """The marks in one SVG; `key` must be unique on the page, because its title is referred to by it."""
    return Markup(
        '<svg width="100%" height="{height}" role="img" aria-labelledby="{key}-title {key}-desc">'
        '<title id="{key}-title">{title}</title><desc id="{key}-desc">{description}</desc>{inside}</svg>'
    ).format(
        height=_down(height),
        key=key,
        title=visible(clipped(title, LONGEST_TITLE)),
        description=visible(clipped(description, LONGEST_TITLE)),
        inside=Markup("").join(_rectangle(mark) for mark in marks),
    )


def _rectangle(mark: Mark) -> Markup:
    return Markup('<rect class="{}" x="{:.2f}%" width="{}" y="{:.1f}" height="{}">{}</rect>').format(
        mark.look,
        mark.x,
        f"{mark.width:.2f}%" if mark.width else HAIR,
        mark.y,
        _down(mark.height),
        Markup("<title>{}</title>").format(visible(mark.hint)) if mark.hint else "",
    )


def _down(pixels: float | None) -> str:
    return "100%" if pixels is None else f"{pixels:.1f}"


def share_bar(key: str, title: str, share: float) -> Markup:
    """A share of one, as a bar on its rail."""
    marks = [Mark(0, 100, 0, RAIL_HEIGHT, "rail")]
    if share > 0:
        marks.append(Mark(0, max(SHORTEST, 100 * min(share, 1.0)), 0, RAIL_HEIGHT, "ink"))
    return drawing(key, RAIL_HEIGHT, title, f"{100 * share:.1f} percent", marks)


def parts_bar(key: str, title: str, parts: Sequence[tuple[str, float, str]]) -> Markup:
    """A whole cut into named parts, side by side: (name, amount, look)."""
    whole = sum(amount for _, amount, _ in parts)
    marks, x = [], 0.0
    for name, amount, look in parts:
        if amount > 0:
            length = 100 * amount / whole
            marks.append(Mark(x, length, 0, PARTS_HEIGHT, look, f"{name}: {amount:,.0f}"))
            x += length
    return drawing(key, PARTS_HEIGHT, title, "; ".join(f"{name} {amount:,.0f}" for name, amount, _ in parts), marks)
