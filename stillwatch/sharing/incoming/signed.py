"""Whose signature a document bears: a source's own, or it is refused.

A signature that is there has to hold, also where the source need not sign: one of another's key, of a lost key or of other
bytes says that something is wrong, which no signature at all does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import BadConfiguration, NotGenuine
from stillwatch.sharing.incoming.sources import FILE, Source

SIGN = "a signature beside the file (stillwatch share sign), or --signature FILE"


@dataclass(frozen=True)
class Signature:
    """Where a document's signature would be."""

    place: Path
    asked: bool  # somebody named it: then it has to be there

    def of(self, sha256: str, where: str, source: Source, now: float) -> tuple[str, ...]:
        """Ids of the source's keys that signed these bytes; none where nothing is signed and nothing has to be.

        `now` in seconds since 1970. NotGenuine where a signature is missing that has to be there, or does not hold.
        """
        there = self.place.exists()
        if not there and (source.signed or self.asked):
            raise NotGenuine(f"there is no signature, {self.place.name}", where, SIGN, "ask its sender for it")
        if source.keys is None and self.asked:
            raise BadConfiguration(
                f"{source.key} has no keys to check a signature by", FILE, 'keys = "FILE", a list of its public keys'
            )
        if not there or source.keys is None:
            return ()
        from stillwatch.sharing.signing import envelope, keys, statement

        _, by = statement.verified(sha256, where, envelope.at(self.place), keys.public(source.keys), 1, now)
        return tuple(one.keyid for one in by)

    def unread(self, source: Source) -> bool:
        """One is there that nobody could look into: the source has no keys."""
        return source.keys is None and self.place.exists()
