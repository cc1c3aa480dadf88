"""Who sent a request: by a header that whatever authenticates in front of the guard sets, or by a table of API keys.

The guard does not authenticate. A key that nobody knows is passed on like any other, and the model's server refuses it; for
the log it is an account of its own, named by a keyed hash, so that no key is ever written down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.pseudonyms import API_KEY, Pseudonyms
from stillwatch.readers.shapes.litellm import owner

CREDENTIALS = (b"authorization", b"x-api-key", b"api-key")  # headers that a key may stand in
_BEARER = b"bearer "
_SHA256 = re.compile(r"[0-9a-f]{64}")
NOBODY = "unknown"  # account in the log of a request without any key
_ROW = '{"key_sha256": "64 hexadecimal digits", "account_id": "…", "organization_id": "…"} on each line'


@dataclass(frozen=True, slots=True)
class Who:
    """The sender; empty where nobody knows."""

    account: str = ""  # by which is decided
    organization: str = ""
    logged: str = NOBODY  # account in the log: where it is not known, a hash of the key
    key: str = field(default="", repr=False)  # as it came, for the log to make a hash of


@dataclass(frozen=True)
class Identity:
    """How senders are known."""

    keys: Pseudonyms
    account_header: bytes = b""  # in lower case; trusted, so that nobody may reach the guard around whoever sets it
    organization_header: bytes = b""
    accounts: Mapping[str, tuple[str, str]] | None = None  # account and organisation, by SHA-256 of the API key

    def of(self, headers: Mapping[bytes, bytes]) -> Who:
        """The sender of a request with these headers, their names in lower case."""
        secrets = _secrets(headers)
        secret = secrets[0] if secrets else b""
        account = headers.get(self.account_header, b"").decode("latin-1") if self.account_header else ""
        organization = headers.get(self.organization_header, b"").decode("latin-1") if self.organization_header else ""
        if not account and self.accounts:
            for one in secrets:  # one that is made up must not hide another that the model's server may take
                if found := self.accounts.get(sha256(one).hexdigest()):
                    secret, account, organization = one, found[0], organization or found[1]
                    break
        key = secret.decode("latin-1")
        logged = account or (f"key_{self.keys.token(API_KEY, key)}" if key else NOBODY)
        return Who(account, organization, logged, key)


def of_litellm(told: Mapping[str, Any]) -> Who:
    """The sender by LiteLLM's names for him: the account that scan reads from its logs, so that what it found is met."""
    row = owner(*(told.get(f"user_api_key_{name}") for name in ("user_id", "team_id", "hash", "org_id")))
    account = row["account_id"] or ""
    return Who(account, row["organization_id"] or "", account or NOBODY, row["api_key_id"] or "")


def read_keys(path: Path) -> dict[str, tuple[str, str]]:
    """The table of API keys: JSON lines with key_sha256, account_id and organization_id."""
    found = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            key, who = _row(line, f"{path}:{number}")
            found[key] = who
    return found


def _row(line: bytes, where: str) -> tuple[str, tuple[str, str]]:
    try:
        row = orjson.loads(line)
        key, account, organization = row["key_sha256"], row["account_id"], row.get("organization_id") or ""
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise BadConfiguration("not a row of the table of keys", where, _ROW) from None
    if not (
        isinstance(key, str) and _SHA256.fullmatch(key) and isinstance(account, str) and isinstance(organization, str)
    ):
        raise BadConfiguration("not a row of the table of keys", where, _ROW, "never the key itself: its SHA-256")
    return key, (account, organization)


def _secrets(headers: Mapping[bytes, bytes]) -> list[bytes]:
    """API keys as the clients of OpenAI, Anthropic and Azure send them."""
    found = [headers.get(name, b"") for name in CREDENTIALS]
    found[0] = found[0][len(_BEARER) :].strip() if found[0][: len(_BEARER)].lower() == _BEARER else b""
    return [one for one in found if one]
