"""Who said a thing first: two sources that pass on a third are one witness, however often it is passed on.

What tells: the id of the object, which is kept when it is passed on; its `created_by_ref`; and relationships that say it was
derived from another or is a duplicate of it. A source that writes others' findings anew, under its own name and with no word
of where it has them from, cannot be told from one that saw them itself; its trust is where that belongs.
"""

from __future__ import annotations

from collections.abc import Sequence

from stillwatch.sharing.incoming.sources import Sources
from stillwatch.sharing.incoming.store import Held

_SAME = ("derived-from", "duplicate-of")


class Origins:
    """Of every object that is held."""

    def __init__(self, held: Sequence[Held], sources: Sources) -> None:
        self._above: dict[str, str] = {}
        self._speaks = {who: one.key for one in sources.known.values() for who in one.identities}
        self._first: dict[str, str] = {}  # id → who made the object, by the word of the source that told of it first
        for one in sorted(held, key=lambda it: (it.at, it.source)):
            self._first.setdefault(one.id, self._maker(one))
        for one in held:
            content = one.content
            if (
                content["type"] == "relationship"
                and content["relationship_type"] in _SAME
                and not content.get("revoked")
            ):
                self._join(content["source_ref"], content["target_ref"])

    def of(self, one: Held) -> str:
        """Name of the origin of an object: a source's key, or the identity or first object that it goes back to."""
        root = self._root(one.id)
        return self._first.get(root, root) if root != one.id else self._first[one.id]

    def _maker(self, one: Held) -> str:
        who = str(one.content.get("created_by_ref", one.source))
        return self._speaks.get(who, who)

    def _root(self, identifier: str) -> str:
        while self._above.get(identifier, identifier) != identifier:
            above = self._above[identifier]
            self._above[identifier] = self._above.get(above, above)
            identifier = self._above[identifier]
        return identifier

    def _join(self, later: str, earlier: str) -> None:
        """Circles are no harm: what is joined already stays as it is."""
        one, other = self._root(later), self._root(earlier)
        if one != other:
            self._above[one] = other
