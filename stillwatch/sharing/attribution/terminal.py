"""An assessment for a terminal, from its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.render.visible import one_line
from stillwatch.render.wording import bits, day

SHOWN = 12  # pieces of evidence on a terminal; --json has all
_LEAST = 0.05  # likelihood, below which hypotheses are told in one line


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Likelihoods first, then how good the grounds are, what they are, and what would change it."""
    yield f"{told['campaign_id']}, as of {day(told['as_of'])}: who may be behind it"
    yield ""
    small = [one["hypothesis"] for one in told["hypotheses"] if one["range"][1] <= _LEAST]
    for one in told["hypotheses"]:
        if one["hypothesis"] not in small:
            yield f"  {one_line(one['sentence'])}"
    if small:
        yield f"  There is almost no chance (1–5%) that it is one of: {', '.join(small)}."
    yield ""
    yield f"  {one_line(told['confidence']['sentence'])}"
    yield ""
    yield "Evidence (bits against an unknown actor, after bounds)"
    for piece in told["evidence"][:SHOWN]:
        marked = " [can be planted]" if piece["can_be_planted"] else ""
        yield f"  {one_line(piece['text'])}{marked}"
        strongest = sorted(piece["bits"].items(), key=lambda one: (-abs(one[1]), one[0]))[:4]
        yield "    " + ", ".join(f"{name} {bits(value)}" for name, value in strongest)
    if len(told["evidence"]) > SHOWN:
        yield f"  … and {len(told['evidence']) - SHOWN:,} more: --json has all of them"
    if not told["evidence"]:
        yield "  none that tells the hypotheses apart"
    yield ""
    yield "What would change it"
    for sentence in told["would_change"]:
        yield f"  {one_line(sentence)}"
    if told["not_known"]:
        yield ""
        yield "Not known"
        for sentence in told["not_known"]:
            yield f"  {one_line(sentence)}"
    yield ""
    yield told["limits"]
