"""Keys of canaries that a registry has commitments to: opened there, or made again from the secret and compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.canaries.choice import SCOPE
from stillwatch.safeguards.canaries.slots import Slots
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import Epoch, Secret


@dataclass(frozen=True)
class Key:
    """One campaign's in one epoch."""

    campaign: str
    epoch: Epoch
    commitment: str
    key: str = field(repr=False)

    @property
    def name(self) -> str:
        """Of nobody else's."""
        return f"{self.campaign} {datetime.fromtimestamp(self.epoch.begins, UTC):%Y-%m-%d}"


@dataclass(frozen=True)
class Committed:
    """What can be tried, and what cannot."""

    keys: tuple[Key, ...]
    other_slots: int = 0  # commitments that name another version of the slots
    locked: int = 0  # that were not opened, and are not of this secret


def committed(path: Path, secret: Path | None, slots: Slots) -> Committed:
    """Every key of canaries of a registry. Whether one is tried depends on no answer, so that trying fewer proves no less."""
    lines = registry.read(path)
    opened = {one.commitment: one.key for one in lines if one.kind == "open"}
    made = None if secret is None else Secret(keyfiles.read(secret))
    keys: dict[str, Key] = {}
    other_slots = locked = 0
    for one in lines:
        if one.kind != "commit" or not one.scope.startswith(SCOPE) or one.commitment in keys:
            continue
        if one.why.get("slots_sha256") != slots.sha256:
            other_slots += 1
            continue
        key = opened.get(one.commitment, "")
        if not key and made is not None and (again := made.key(one.scope, one.epoch)).commitment == one.commitment:
            key = again.key
        if key:
            keys[one.commitment] = Key(one.scope.removeprefix(SCOPE), one.epoch, one.commitment, key)
        else:
            locked += 1
    if not keys:
        raise BadConfiguration(
            f"no key can be tried: {locked} not opened and not of this secret, {other_slots} of other slots", str(path),
            "a registry with canaries, the secret they were chosen by, and the slots of their version",
            f"stillwatch watermark show {path}",
        )  # fmt: skip
    return Committed(tuple(keys.values()), other_slots, locked)
