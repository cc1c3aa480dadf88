"""Which alternative of each slot a campaign has: worked out from its key, so that whoever has the key can do it again.

The key is one of `watermark.keys.Secret`, of the scope `canary/` and the campaign's id; the registry commits to it before it is
used, with version and SHA-256 of the slots.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import orjson

from stillwatch.safeguards.canaries.slots import Slots

SCOPE = "canary/"  # of keys, before the id of a campaign


def chosen(key: str, slots: Slots) -> Mapping[str, str]:
    """The alternative of each slot, by the slot's id; `key` is hexadecimal.

    HMAC-SHA256 of a JSON list of version and slot, read as a number, by its remainder. Some alternatives are likelier than
    others by less than 2**-250, as 2**256 is no multiple of their number.
    """
    secret = bytes.fromhex(key)
    return {
        one.id: one.alternatives[
            int.from_bytes(hmac.digest(secret, orjson.dumps([slots.version, one.id]), "sha256")) % len(one.alternatives)
        ]
        for one in slots
    }
