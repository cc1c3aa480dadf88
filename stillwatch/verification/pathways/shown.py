"""Proofs out of cases: what each passed step of a programme's account shows, and what was taken back since.

Whoever keeps them writes each once, so that what was true of the account is as of then, and not as of the day of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stillwatch.verification.lists import Lists
from stillwatch.verification.pathways.changed import Member
from stillwatch.verification.pathways.pathway import Pathway
from stillwatch.verification.pathways.proof import Proof, proved
from stillwatch.verification.pathways.recheck import ANYBODY

if TYPE_CHECKING:
    from stillwatch.verification.ladder import Case


def shown(
    cases: Iterable[Case],
    pathways: Mapping[str, Pathway],
    members: Mapping[str, Member],
    lists: Lists,
    written: Iterable[Proof],
) -> list[Proof]:
    """Every proof that stands in the cases, and of those `written` before each that does not, with when it was taken back.

    `members` are open accounts by id; of an account that is not among them, the case says on which pathway it was.
    """

    def academic(organization: str) -> bool:
        return lists.mail(organization).academic

    cases = list(cases)
    made: list[Proof] = []
    for case in cases:
        account = case.opened.account_id
        member = members.get(account, Member(account, case.opened.pathway))
        if member.pathway == ANYBODY or member.pathway not in pathways:
            continue
        kinds = pathways[member.pathway].kinds
        for step in case.passed:
            made += [_grounded(one, member, lists) for one in proved(step, account, case.opened.case, kinds, academic)]
    return [*made, *_taken_back({case.opened.case: case for case in cases}, written)]


def _grounded(proof: Proof, member: Member, lists: Lists) -> Proof:
    """With what is true of the account today."""
    return replace(
        proof,
        domain=member.domain,
        domain_since=member.domain_since,
        domain_listed=lists.mail(member.domain).academic if member.domain else None,
        organization_id=member.organization_id,
        payment_country=member.payment_country,
    )


def _taken_back(cases: Mapping[str, Case], written: Iterable[Proof]) -> Iterable[Proof]:
    """A pass that is one no longer: the step that it was of has failed since."""
    for one in written:
        case = cases.get(one.case)
        if case is None or one.revoked is not None or any(step.at == one.at for step in case.passed):
            continue
        failed = [step.at for step in case.steps if step.state == "failed" and step.at >= one.at]
        if failed:
            yield replace(one, revoked=max(failed))
