"""All keys that a registry has commitments to: what a text is tried with, and what its p-value is corrected for."""

from __future__ import annotations

from collections.abc import Iterable

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark.keys import MarkKey, Secret
from stillwatch.safeguards.watermark.registry import Line


def candidates(lines: Iterable[Line], secret: Secret | None) -> list[MarkKey]:
    """Keys that were shown as they were shown, all others made again from the secret; without one, those shown alone.

    Each is the key that was committed to, or this is an error: a secret that is not theirs would find nothing and say so.
    """
    there = list(lines)
    shown = {one.commitment: one.key for one in there if one.kind == "open"}
    found: dict[str, MarkKey] = {}
    foreign = []
    for one in there:
        if one.kind != "commit" or one.commitment in found:
            continue
        if one.commitment in shown:
            found[one.commitment] = MarkKey(one.scope, one.epoch, shown[one.commitment], "", one.commitment)
        elif secret is not None:
            made = secret.key(one.scope, one.epoch)
            if made.commitment == one.commitment:
                found[one.commitment] = made
            else:
                foreign.append(one)
    if foreign:
        raise BadConfiguration(
            f"{len(foreign)} keys that were committed to are not made from this secret", f"scope {foreign[0].scope}",
            "the secret that the registry's keys were made from", "stillwatch watermark show",
        )  # fmt: skip
    return list(found.values())
