"""Organisations that were verified, and may be declared once a person says so: who said it, why, until when, and how it ends.

A declaration clears groups of accounts in a scan, and rules of a guard look at it; a shell company can verify a domain, too. So
a verified organisation is a proposal. What was accepted is a row of responses (`declare`), and LOG_DECLARED follows from these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.verification.ladder.case import PROVIDER, Case
from stillwatch.verification.ladder.feedback import instant
from stillwatch.verification.ladder.responses import Response, in_force
from stillwatch.verification.ladder.rungs import DAY

WHAT = "declare"
DECLARED_DAYS = 400.0  # from the day that it was verified: it is asked again once a year, with a month to answer


@dataclass(frozen=True)
class Proposal:
    """An organisation that an account has shown to be its own."""

    organization: str  # by the provider's own id
    owner: str  # as it was shown
    account_id: str  # that showed it last
    case: str
    by: str  # vendor
    at: float  # seconds since 1970
    accounts: int  # that the organisation has

    @property
    def until(self) -> float:
        """When a declaration would end, seconds since 1970."""
        return self.at + DECLARED_DAYS * DAY


def proposals(
    cases: Iterable[Case], organizations: Mapping[str, str], written: Sequence[Response], now: float
) -> list[Proposal]:
    """The last of each organisation that is not declared for as long already; `organizations` gives that of an account."""
    declared = {one.details[0]: one.expires_at for one in declarations(written, now)}
    accounts = Counter(organizations.values())
    latest: dict[str, Proposal] = {}
    for case in cases:
        account = case.opened.account_id
        organization = organizations.get(account, "")
        for step in case.passed:
            if step.step != "organization" or not organization:
                continue
            owner = dict(step.facts).get("organization", "") or step.vendor or PROVIDER
            one = Proposal(organization, owner, account, case.opened.case, step.vendor, step.at, accounts[organization])
            last = latest.get(organization)
            if last is None or (one.at, one.owner) > (last.at, last.owner):
                latest[organization] = one
    return [
        one for _, one in sorted(latest.items()) if now < one.until and one.until > declared.get(one.organization, now)
    ]


def accepted(chosen: Iterable[Proposal], by: str, why: str, written: Sequence[Response], now: float) -> list[Response]:
    """The rows by which a person declares them."""
    before = Counter(one.details[0] for one in written if one.what == WHAT)
    return [
        Response(
            f"{WHAT}:{one.organization}:{before[one.organization] + 1}", one.account_id, WHAT, f"{by}: {why}", now,
            one.until, "stillwatch verify declare --undo KEY", "", one.case, details=(one.organization, one.owner),
        )
        for one in chosen
    ]  # fmt: skip


def declarations(written: Iterable[Response], now: float) -> list[Response]:
    """Those that stand."""
    return [one for one in in_force(written, now) if one.what == WHAT]


def unfounded(standing: Iterable[Response], cases: Iterable[Case]) -> frozenset[str]:
    """Keys of declarations whose case shows an organisation no longer: its pass was taken back. A person ends them."""
    lost = {one.opened.case for one in cases if not any(step.step == "organization" for step in one.passed)}
    return frozenset(one.key for one in standing if one.case in lost)


def row(declared: Response) -> dict[str, Any]:
    """As LOG_DECLARED has it."""
    organization, owner = declared.details
    return {"kind": "organization", "id": organization, "owner": owner, "expires_at": instant(declared.expires_at)}
