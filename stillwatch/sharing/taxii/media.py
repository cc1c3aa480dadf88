"""Media types: which answer a client takes, and in which form it sends (1.6.8)."""

from __future__ import annotations

from collections.abc import Iterator

TAXII = "application/taxii+json;version=2.1"
SPEC_VERSION = "2.1"  # of STIX: the only one that collections here say they take (5.2.1, media_types)
STIX = f"application/stix+json;version={SPEC_VERSION}"
_TYPE = "application/taxii+json"
_VERSION = "2.1"
_ANY = (_TYPE, "application/*", "*/*")  # ranges that it is in


def acceptable(accept: str) -> bool:
    """Whether TAXII 2.1 is among what an Accept header lists. Without one a client takes anything (RFC 9110, 12.5.1)."""
    if not accept.strip():
        return True
    return any(
        name in _ANY
        and (name != _TYPE or told.get("version", _VERSION) == _VERSION)
        and not _refused(told.get("q", "1"))
        for name, told in _listed(accept)
    )


def sent_as_taxii(content_type: str) -> bool:
    """Whether a body is said to be TAXII 2.1. One without a version is taken for it; one without a type is not."""
    found = list(_listed(content_type))
    return len(found) == 1 and found[0][0] == _TYPE and found[0][1].get("version", _VERSION) == _VERSION


def _listed(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Types with their parameters. No parameter of ours has a comma or a semicolon in it."""
    for one in header.split(","):
        name, *parameters = (part.strip() for part in one.split(";"))
        told = (part.partition("=") for part in parameters)
        yield name.lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in told}


def _refused(quality: str) -> bool:
    """Whether a weight says: not this one."""
    try:
        return float(quality) == 0
    except ValueError:
        return False
