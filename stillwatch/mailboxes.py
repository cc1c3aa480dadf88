"""Mail addresses in one spelling, and the mailbox behind each: what two ways to write one have in common."""

from __future__ import annotations

from typing import NamedTuple

_DOTS_IGNORED = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # anna.lee and annalee are one mailbox there


class Mail(NamedTuple):
    """Of one address; local part and domain are empty where it is none, as pseudonyms are."""

    email: str  # in lower case
    local: str
    domain: str
    mailbox: str  # the address at which its mail arrives in the end


def mail(written: str) -> Mail:
    email = written.lower()
    local, at, host = email.rpartition("@")
    if not at:
        return Mail(email, "", "", email)
    domain = spelling(host)
    plain = local.partition("+")[0] or local
    if domain in _DOTS_IGNORED:
        return Mail(email, local, domain, f"{plain.replace('.', '')}@{_DOTS_IGNORED[domain]}")
    return Mail(email, local, domain, f"{plain}@{domain}")


def spelling(domain: str) -> str:
    """Lower case, without dots around it, and in the ASCII form of RFC 5891 where it has one."""
    domain = domain.strip().strip(".").lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
