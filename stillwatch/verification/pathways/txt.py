"""Whether somebody who applies for an organisation controls its domain: a TXT record with a token that only we can make.

As draft-ietf-dnsop-domain-verification-techniques recommends: a token of the service's own, bound to the case, under a name of
its own (`_stillwatch-challenge.example.com`), so that one record cannot be shown for another case or another domain.
Nothing is looked up here: records come from a resolver that is handed in (resolver.py), or from a file.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stillwatch.errors import BadConfiguration

PREFIX = "_stillwatch-challenge"
_TOKEN_BYTES = 20  # 160 bits, as many as the draft asks for at least (128) and 32 characters of base32
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')

Resolver = Callable[[str], Iterable[str]]  # TXT records of a name


@dataclass(frozen=True)
class Challenge:
    """What is to be published: a TXT record of this name with this value."""

    name: str
    value: str

    @property
    def domain(self) -> str:
        """That it proves control of, as the DNS has it."""
        return self.name.removeprefix(f"{PREFIX}.")


def challenge(key: bytes, case: str, domain: str) -> Challenge:
    """The record that proves control of `domain` for a case: the same whenever it is asked for, another for another case."""
    name = _ascii(domain)
    said = b"\0".join((b"stillwatch domain control 1", case.encode(), name.encode()))
    digest = hmac.new(key, said, hashlib.sha256).digest()[:_TOKEN_BYTES]
    return Challenge(f"{PREFIX}.{name}", base64.b32encode(digest).decode().rstrip("=").lower())


def answered(asked: Challenge, records: Iterable[str]) -> bool:
    """Whether one of the records is the one that was asked for."""
    values = [one.strip().encode() for one in records]
    return any(
        [hmac.compare_digest(asked.value.encode(), one) for one in values]
    )  # all are compared, whatever is found


def controls(key: bytes, case: str, domain: str, resolver: Resolver) -> bool:
    """The same with records looked up through a resolver that is handed in."""
    asked = challenge(key, case, domain)
    return answered(asked, resolver(asked.name))


def records(text: str, name: str) -> list[str]:
    """Records of a file: values, one a line, or lines as `dig` and zone files write them, of which those of `name` count."""
    made = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(";"):
            continue
        before, _, rest = line.partition('"')
        owner = before.split()
        if owner and "TXT" in (one.upper() for one in owner[1:]):
            if owner[0].rstrip(".").lower() != name:
                continue
            line = f'"{rest}' if rest else owner[-1]
        parts = _QUOTED.findall(line)
        made.append("".join(parts) if parts else line)
    return made


def _ascii(domain: str) -> str:
    """A domain in the form that the DNS has it in."""
    try:
        name = domain.strip().strip(".").lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 200 or not all(_LABEL.fullmatch(one) for one in labels):
        raise BadConfiguration(
            "this is no domain", domain[:80], "a name such as example.com", "a domain without https://"
        )
    return name
