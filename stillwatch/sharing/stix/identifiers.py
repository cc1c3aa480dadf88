"""Ids of STIX objects, all of them UUIDv5: the same thing has the same id, on any day and in any run.

Observables (SCO) take the namespace and the properties that the standard names (STIX 2.1, section 2.9), so that others who see
the same network or domain give it the same id. Everything else takes a namespace of ours and a keyed name: without the key
nobody can try out which campaign or account an id was made of.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from stillwatch.pseudonyms import Pseudonyms

OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # of the standard
OURS = uuid.UUID("e7fe5d59-5c96-4185-9c33-907a95de0af0")
_CONTRIBUTING = {  # to the id, by type: those that are ever sent from here
    "autonomous-system": ("number",),
    "domain-name": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
}


def observable_id(kind: str, properties: Mapping[str, Any]) -> str:
    """Of an SCO, from its properties: canonical JSON (RFC 8785) of the contributing ones that are there."""
    named = {name: properties[name] for name in _CONTRIBUTING[kind] if name in properties}
    return f"{kind}--{uuid.uuid5(OBSERVABLES, orjson.dumps(named, option=orjson.OPT_SORT_KEYS).decode())}"


def own_id(kind: str, names: Pseudonyms, *parts: str) -> str:
    """Of any other object, from what it is about."""
    return f"{kind}--{uuid.uuid5(OURS, names.token(kind, chr(31).join(parts)))}"


def public_id(kind: str, *parts: str) -> str:
    """Of an object that is about nothing secret, such as this program's extension."""
    return f"{kind}--{uuid.uuid5(OURS, chr(31).join((kind, *parts)))}"
