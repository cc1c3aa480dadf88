"""What has changed since something was proved: a proof that is none any longer, or ground that is gone from under one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stillwatch.verification.pathways.domain import Domain
from stillwatch.verification.pathways.pathway import Pathway
from stillwatch.verification.pathways.proof import DAY, Proof, ends, stands

CLOCKS = 2 * DAY  # seconds by which registries' and our own dates may differ


@dataclass(frozen=True)
class Member:
    """An account of a programme as it is today. Empty, or None, where it was not told."""

    account_id: str
    pathway: str
    created: float | None = None  # seconds since 1970
    organization_id: str = ""
    payment_country: str = ""  # ISO 3166 alpha-2
    domain: str = ""
    domain_since: float | None = None  # seconds since 1970
    verification: str = ""  # the highest rung that it climbed at sign-up, as the accounts table says


@dataclass(frozen=True)
class Change:
    """One difference between then and now, with the ordinary explanation."""

    code: str
    text: str
    innocent: str
    step: str  # what is asked to settle it; empty for one that is only shown to whoever looks


def changed(member: Member, pathway: Pathway, shown: Mapping[str, Proof], domain: Domain, now: float) -> list[Change]:
    """Every change since the proofs of one account; without a proof kept, nothing is known to have changed."""
    return [*_lapsed(pathway, shown, now), *_ground(member, pathway, shown, domain)]


def _lapsed(pathway: Pathway, shown: Mapping[str, Proof], now: float) -> list[Change]:
    made = []
    for one in pathway.requires:
        kept = [(shown[kind.name], kind) for kind in one.any_of if kind.name in shown]
        over = [proof for proof, kind in kept if ends(proof, kind) <= now]
        if over and not any(stands(proof, kind, now) for proof, kind in kept):
            last = max(over, key=lambda proof: proof.at)
            kind = last.kind.replace("_", " ")
            if last.revoked is not None:
                made.append(
                    Change(
                        "proof_revoked",
                        f"what was shown for {one.code.replace('_', ' ')} ({kind}) was taken back "
                        f"{(now - last.revoked) / DAY:,.0f} days ago by {last.by or 'whoever had taken it'}",
                        "a document that its owner reported lost, or a mistake of the vendor's",
                        one.step,
                    )
                )
                continue
            made.append(
                Change(
                    "proof_lapsed",
                    f"what was shown for {one.code.replace('_', ' ')} {(now - last.at) / DAY:,.0f} days ago "
                    f"({kind}) is believed no longer",
                    "everybody whose proof ran out: nothing was done wrong",
                    one.step,
                )
            )
    return made


def _ground(member: Member, pathway: Pathway, shown: Mapping[str, Proof], domain: Domain) -> list[Change]:
    if not shown:
        return []
    last = max(shown.values(), key=lambda proof: proof.at)
    main = pathway.step_again
    made = []
    if "academic_domain" in pathway.kinds:
        if domain.withdrawn:
            made.append(Change(
                "domain_withdrawn", f"{domain.name} was taken off the list of academic domains for abuse{_said(domain)}",
                "a student of a real university, other mailboxes of which are sold", main,
            ))  # fmt: skip
        elif domain.academic is False and any(proof.domain_listed for proof in shown.values()):
            made.append(Change(
                "domain_not_listed", f"{domain.name} is on no list of academic domains any more",
                "an institution that changed its name or its domain", main,
            ))  # fmt: skip
    if domain.disposable:
        made.append(Change(
            "domain_disposable", f"{domain.name} is on a list of disposable mail domains{_said(domain)}",
            "a privacy relay that a list counts among them", "email",
        ))  # fmt: skip
    since = domain.since if member.domain_since is None else member.domain_since
    bound = [proof.at for proof in shown.values() if proof.domain and proof.domain == member.domain]
    if since is not None and bound and since > min(bound) + CLOCKS:
        made.append(Change(
            "domain_reregistered", f"{member.domain} was registered after proof at it was shown: it may have another owner",
            "a domain that lapsed by oversight and was bought back by its owner", main,
        ))  # fmt: skip
    named = [proof for proof in shown.values() if proof.domain]
    then = max(named, key=lambda proof: proof.at).domain if named else ""
    if then and member.domain and then != member.domain:
        made.append(Change(
            "domain_moved", f"the mail address is at {member.domain} now and was at {then}",
            "somebody who changed school, employer or mail provider", main,
        ))  # fmt: skip
    if last.organization_id and member.organization_id and last.organization_id != member.organization_id:
        made.append(Change(
            "organization_changed", "the account stands under another organisation than when it was proved",
            "a company that was renamed, merged or bought", "organization",
        ))  # fmt: skip
    if last.payment_country and member.payment_country and last.payment_country != member.payment_country:
        made.append(Change(
            "payment_country_changed",
            f"the means of payment is of {member.payment_country} now and was of {last.payment_country}",
            "somebody who moved, or a company with accounts in both countries", "",
        ))  # fmt: skip
    return made


def _said(domain: Domain) -> str:
    return f" ({'; '.join(domain.sources)})" if domain.sources else ""
