"""A bundle that takes another back: the same objects by the same ids, revoked, for whoever had got them."""

from __future__ import annotations

from datetime import UTC, datetime

from stillwatch.sharing.outgoing import bundle as bundles
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.stix.exported import Object

# These have no versions in STIX 2.1, so none of them can be revoked; what points to them is.
_AS_THEY_ARE = ("marking-definition", "extension-definition")


def revocation(of: Bundle, at: float) -> Bundle:
    """All that can be revoked, and what says how to read it. `modified` is later than it was, as STIX asks."""
    objects = [_revoked(one, at) for one in of.objects if "modified" in one and one["type"] not in _AS_THEY_ARE]
    objects += [one for one in of.objects if one["type"] in _AS_THEY_ARE]
    whole = {"type": "bundle", "id": of.id, "objects": objects}  # in MISP it is the same event, of which all is deleted
    return bundles.checked(whole, f"revocation of {of.digest[:12]}")


def _revoked(one: Object, at: float) -> Object:
    later = max(at, bundles.moment(one["modified"], one["id"]) + 0.001)
    written = datetime.fromtimestamp(later, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**one, "modified": written, "revoked": True}
