"""Which programme accounts are asked again, with what for, and who is only told.

Three grounds: a proof ran out, was taken back, or what it stood on is gone; the account behaves like a harvester; several
accounts of its mail domain are in one campaign. Nothing here ends anything: it says whom to ask, by when, and what a provider
has said happens then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from stillwatch.config import Recheck as Settings
from stillwatch.verification.outcome import STEPS
from stillwatch.verification.pathways.changed import Change, Member, changed
from stillwatch.verification.pathways.domain import Domain
from stillwatch.verification.pathways.pathway import Pathway
from stillwatch.verification.pathways.proof import DAY, Proof

_LOST = {"proof_lapsed", "proof_revoked"}  # nobody stays in a programme without proof
ANYBODY = "self_serve"  # the pathway that is no programme: the ordinary ladder asks its accounts


@dataclass(frozen=True)
class Found:
    """What a scan says of one account."""

    verdict: str = "clear"
    role: str = ""
    campaign_id: str = ""
    score: float = 0.0  # 0..1
    harvested: float = 0.0  # share of its exchanges attributed to a campaign, each by its own score; 0..1
    duty_cycle: float = 0.0  # share of hours with traffic between its first and last, 0..1
    days: int = 0  # with traffic


@dataclass(frozen=True)
class Asked:
    """One account that is asked again. `likelihood` is None where nothing is held against the account."""

    account_id: str
    pathway: str
    step: str  # of outcome.STEPS
    reasons: tuple[Change, ...]  # each with its innocent explanation
    deadline: float  # seconds since 1970
    gentle: bool  # silence leads to a person, not to a withdrawal
    after: str  # what happens when the deadline passes, in words
    likelihood: float | None = None  # that it takes part in a campaign, 0..1

    @property
    def why(self) -> str:
        """The reasons as one sentence, for colleagues."""
        return "; ".join(one.text for one in self.reasons)


@dataclass(frozen=True)
class Institution:
    """A mail domain with several accounts in one campaign: its contact is told, and nobody is named."""

    domain: str
    pathway: str
    campaign_id: str
    found: int  # accounts of it in the campaign
    of: int  # its accounts in the programme
    others_asked: int
    says: str


@dataclass(frozen=True)
class Rechecked:
    """The whole answer."""

    asked: tuple[Asked, ...]
    victims: tuple[str, ...]  # whose keys were stolen: helped to new ones, asked nothing
    institutions: tuple[Institution, ...]
    looked_at: int  # programme accounts


def recheck(
    members: Iterable[Member],
    pathways: Mapping[str, Pathway],
    found: Mapping[str, Found],
    proofs: Mapping[str, Mapping[str, Proof]],
    domains: Mapping[str, Domain],
    settings: Settings,
    now: float,
) -> Rechecked:
    """Accounts of programmes that are asked again. `members` are open accounts; `proofs` by account and kind of fact."""
    those = [one for one in members if one.pathway in pathways and one.pathway != ANYBODY]
    victims = {one.account_id for one in those if found.get(one.account_id, Found()).role == "victim"}
    asked: dict[str, Asked] = {}
    for one in those:
        if one.account_id in victims:
            continue
        pathway, seen = pathways[one.pathway], found.get(one.account_id, Found())
        mine = proofs.get(one.account_id, {})
        changes = changed(one, pathway, mine, domains.get(one.domain, Domain(one.domain)), now)
        behaves = _behaves(pathway, seen, settings)
        if behaves or any(change.step for change in changes):
            asked[one.account_id] = _asked(one, pathway, [*behaves, *changes], seen if behaves else None, now)
    institutions = list(_institutions(those, pathways, found, domains, asked, victims, settings, now))
    order = sorted(asked.values(), key=lambda one: (-(one.likelihood or 0.0), one.gentle, one.account_id))
    return Rechecked(tuple(order), tuple(sorted(victims)), tuple(institutions), len(those))


def _behaves(pathway: Pathway, seen: Found, settings: Settings) -> list[Change]:
    """What a scan says against the account; empty for nothing."""
    made, step = [], pathway.step_again
    if seen.verdict == "campaign" or seen.role in ("harvester", "carrier"):
        role = f" as a {seen.role}" if seen.role in ("harvester", "carrier", "spare") else ""
        made.append(
            Change("in_campaign", f"counted to campaign {seen.campaign_id or '?'}{role}", pathway.innocent, step)
        )
    elif seen.verdict == "watch":
        made.append(Change("watched", f"watched: its score is {seen.score:.2f}", pathway.innocent, step))
    if seen.harvested >= settings.harvested_share:
        share = f"{seen.harvested:.0%} of its exchanges are attributed to a campaign"
        made.append(Change("use_moved", share, pathway.innocent, step))
    busy = seen.duty_cycle >= settings.round_the_clock and seen.days >= settings.round_the_clock_days
    if made and busy:  # never by itself: schedules of honest work run at night too
        text = f"it sent in {seen.duty_cycle:.0%} of all hours of {seen.days} days"
        made.append(
            Change("round_the_clock", text, "a job that runs at night; an account that a laboratory shares", step)
        )
    return made


def _asked(member: Member, pathway: Pathway, reasons: list[Change], seen: Found | None, now: float) -> Asked:
    steps = [one.step for one in reasons if one.step]
    codes = {one.code for one in reasons}
    accused = bool(codes & {"in_campaign", "use_moved"})
    return Asked(
        member.account_id,
        member.pathway,
        max(steps, key=STEPS.index),
        tuple(reasons),
        now + pathway.ask_within_days * DAY,
        not accused,
        pathway.withdrawal if accused or codes & _LOST else "a person looks at it; nothing ends by itself",
        None if seen is None else seen.score,
    )


def _institutions(
    those: list[Member],
    pathways: Mapping[str, Pathway],
    found: Mapping[str, Found],
    domains: Mapping[str, Domain],
    asked: dict[str, Asked],
    victims: set[str],
    settings: Settings,
    now: float,
) -> Iterable[Institution]:
    """Domains with several accounts in one campaign; adds their other accounts to `asked`, gently."""
    of_domain: dict[tuple[str, str], list[Member]] = {}
    for one in those:
        if one.domain and domains.get(one.domain, Domain()).shared is not True:
            of_domain.setdefault((one.domain, one.pathway), []).append(one)
    for (name, programme), members in sorted(of_domain.items()):
        held: dict[str, int] = {}
        for one in members:
            seen = found.get(one.account_id, Found())
            if seen.verdict == "campaign" and seen.campaign_id and one.account_id not in victims:
                held[seen.campaign_id] = held.get(seen.campaign_id, 0) + 1
        campaign, count = max(held.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if count < settings.domain_accounts:
            continue
        others = [one for one in members if one.account_id not in asked and one.account_id not in victims]
        others = others if count >= settings.domain_share * len(members) else []
        says = f"{count:,} of {len(members):,} accounts of {name} in the programme {programme} are in one campaign"
        reason = Change(
            "domain_of_a_campaign",
            says,
            "almost everybody else at the same institution",
            pathways[programme].step_again,
        )
        for one in others:
            row = _asked(one, pathways[programme], [reason], None, now)
            asked[one.account_id] = replace(row, after="a reminder, then a person looks at it; nothing ends by itself")
        yield Institution(name, programme, campaign, count, len(members), len(others), says)
