"""A bundle that takes another back: the same objects by the same ids, revoked, for whoever had got them."""

from __future__ import annotations

from datetime import UTC, datetime

from stillwatch.sharing.markings import published
from stillwatch.sharing.outgoing import bundle as bundles
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.stix.exported import Object

# These say how to read others, or are others': nobody's to revoke. Observables have no versions, so none of them can be.
_AS_THEY_ARE = ("marking-definition", "extension-definition", "identity")


def revocation(of: Bundle, at: float, standing: frozenset[str] = frozenset()) -> Bundle | None:
    """All that can be revoked but what stands by another package, and what says how to read it; None where nothing is.

    `modified` is later than it was, as STIX asks.
    """
    objects = [_revoked(one, at) for one in of.objects if revocable(one) and one["id"] not in standing]
    if not objects:
        return None
    objects += [one for one in of.objects if one["type"] in _AS_THEY_ARE]
    whole = {"type": "bundle", "id": of.id, "objects": objects}  # in MISP it is the same event, of which all is deleted
    return bundles.checked(whole, f"revocation of {of.digest[:12]}")


def revocable(one: Object) -> bool:
    """Whether it has versions, and is the producer's own."""
    return "modified" in one and one["type"] not in _AS_THEY_ARE and not published(one)


def _revoked(one: Object, at: float) -> Object:
    later = max(at, bundles.moment(one["modified"], one["id"]) + 0.001)
    written = datetime.fromtimestamp(later, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**one, "modified": written, "revoked": True}
