"""What a mail domain says of a sign-up: whether it may enter a programme. Never that it belongs there.

Look-alikes under open suffixes (oshtu.edu.kg) stood in lists of academic domains, and real universities were taken off them
because their mailboxes were sold (JetBrains/swot, pull requests 27082, 31376, 31863, 38817): so a listed domain is eligibility.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stillwatch.verification.lists import Lists
from stillwatch.verification.pathways.pathway import Pathway
from stillwatch.verification.pathways.proof import DAY, Proof
from stillwatch.verification.signup import Signup

WEEK = 7 * DAY  # seconds


@dataclass(frozen=True)
class Domain:
    """What lists say of a mail domain today. None: no list was asked."""

    name: str = ""
    academic: bool | None = None
    withdrawn: bool | None = None  # taken off a list of academic domains for abuse
    disposable: bool | None = None
    shared: bool | None = None  # free mail, or a relay that hides addresses: its users have nothing in common
    since: float | None = None  # when it was registered, seconds since 1970
    resembles: str = ""  # the academic domain that it looks like and is not
    sources: tuple[str, ...] = ()  # of the lists that say so, each with its date


def eligibility(signup: Signup, lists: Lists) -> Domain:
    """What lists say of a sign-up's mail domain: whether it may enter a programme, and never more."""
    age = signup.email_domain_age_days
    return domain_today(signup.email_domain, lists, None if age is None else signup.at - age * DAY)


def domain_today(name: str, lists: Lists, since: float | None = None) -> Domain:
    """The same of a domain; an empty name gives what is known of nothing."""
    if not name:
        return Domain()
    mail = lists.mail(name)
    said = {"academic": mail.academic, "withdrawn": mail.withdrawn, "disposable": mail.disposable, "free": mail.free}
    said["mail_relay"] = mail.relay
    sources = [f"{one.source}, {one.date}" for one in lists.sources() if said.get(one.name)]
    return Domain(
        name, mail.academic, mail.withdrawn, mail.disposable, mail.free or mail.relay or mail.disposable, since,
        mail.resembles, tuple(dict.fromkeys(sources)),
    )  # fmt: skip


def eligible(domain: Domain, account_id: str, pathway: Pathway, now: float) -> dict[str, Proof]:
    """What a domain by itself shows for a pathway, by kind of fact: kinds with `eligibility`, and no others."""
    holds = {
        "academic_domain": domain.academic is True and not domain.withdrawn and not domain.disposable,
        "own_domain": bool(domain.name) and domain.shared is False and domain.disposable is False,
        "domain_age": domain.since is not None and now - domain.since >= pathway.domain_days * DAY,
    }
    return {
        name: Proof(account_id, name, now, "; ".join(domain.sources) or "the sign-up", domain=domain.name)
        for name, kind in pathway.kinds.items()
        if kind.eligibility and holds.get(name, False)
    }


@dataclass(frozen=True)
class Crowded:
    """A mail domain with more accounts in a programme than are expected: who comes next is asked for proof first."""

    domain: str
    pathway: str
    accounts: int
    new: int  # of them, in the last seven days
    says: str


def crowded(
    pathway: Pathway, signups: Iterable[tuple[str, float | None]], domains: Mapping[str, Domain], now: float
) -> list[Crowded]:
    """Domains beyond a pathway's quotas, of its accounts as (mail domain, sign-up). Hosts of strangers' mail have none."""
    count: dict[str, int] = {}
    new: dict[str, int] = {}
    for name, at in signups:
        count[name] = count.get(name, 0) + 1
        new[name] = new.get(name, 0) + (at is not None and now - WEEK < at <= now)
    made = []
    for name in sorted(count):
        if not name or domains.get(name, Domain()).shared:
            continue
        over = []
        if 0 < pathway.accounts_a_domain < count[name]:
            over.append(f"{count[name]:,} accounts, {pathway.accounts_a_domain:,} are expected at most")
        if 0 < pathway.new_a_week < new[name]:
            over.append(f"{new[name]:,} of them within a week, {pathway.new_a_week:,} are expected at most")
        if over:
            made.append(Crowded(name, pathway.name, count[name], new[name], "; ".join(over)))
    return made
