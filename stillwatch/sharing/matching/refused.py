"""What the other side is refused, or what came from it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.errors import BadConfiguration


@dataclass
class Refused(BadConfiguration):
    """Says what, where, what is allowed; `code` is for programs. No value and no key is ever in it."""

    code: str = "refused"


def malformed(what: str, where: str, allowed: str = "a file as `stillwatch share match` writes it") -> Refused:
    return Refused(what, where, allowed, "ask whoever sent it to send it again", "malformed")
