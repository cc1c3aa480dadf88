"""What a newcomer does: whether it fills a campaign's templates, begins soon after a ban, and arrives at full volume.

A single ban of a campaign makes the hours after it rare and telling; a network that loses some every hour covers all of the
time, and beginning soon after a ban then says nothing. So a begin is weighed by how much of the time was as near to a ban.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from stillwatch.config import Returns
from stillwatch.verification.returning.closed import PACE, Candidate
from stillwatch.verification.returning.newcomer import Sent
from stillwatch.verification.returning.population import Population

_HOUR, _DAY = 3600.0, 86_400.0
LEAST_SHARE = 0.01  # of the time that counts as near to a ban, at least: what was looked at is short


@dataclass(frozen=True)
class Done:
    """One observation of what a newcomer does."""

    code: str
    text: str
    bits: float
    innocent: str
    beside: float = 0.0  # bits that it gives those who live beside a closed account


def templates(sent: Sequence[Sent], candidate: Candidate, population: Population, settings: Returns) -> Done | None:
    """None before its first exchange, and against an account that was banned alone."""
    if not sent or not candidate.campaign:
        return None
    fitting = sum(one.campaign == candidate.campaign for one in sent)
    bits = population.template_bits(candidate.campaign, fitting, len(sent))
    return Done(
        "template",
        f"{fitting:,} of its first {len(sent):,} exchanges are made from templates of {candidate.campaign}'s own",
        _within(bits, settings.templates),
        "a customer of the same product or course, who got the template from somebody else",
    )


def timing(
    began: float, sent: bool, candidate: Candidate, bans: Sequence[float], population: Population, settings: Returns
) -> Done:
    """`bans` of the candidate before the newcomer `began` (with a first exchange, or signed up), ascending; there is one."""
    hours = settings.answered_hours * _HOUR
    near = _near(bans, hours, bans[0] if len(bans) >= PACE else min(population.since, bans[0]), began)
    soon = began - bans[-1] <= hours
    returns, beside = (_against(settings, share, near, soon) for share in (settings.answered, settings.own_at_once))
    bits = _within(returns, settings.timing)
    who = f"an account of {candidate.campaign}" if candidate.campaign else candidate.account_id
    does = "began" if sent else "signed up"
    return Done(
        "after_a_ban",
        f"{does} {(began - bans[-1]) / _HOUR:.1f} hours after the ban of {who}; {near:.0%} of the time is within "
        f"{settings.answered_hours:.0f} hours after such a ban",
        bits,
        "somebody who happened to begin then, or who shared the closed account and now needs one of their own",
        beside * bits / returns if returns else 0.0,
    )


def arrival(sent: Sequence[Sent], candidate: Candidate, population: Population, settings: Returns) -> Done | None:
    """None before a day has passed or enough was sent, and against an account that was banned alone."""
    if not sent or not candidate.campaign:
        return None
    first_day = sum(one.at - sent[0].at < _DAY for one in sent)
    if first_day == len(sent) and len(sent) < min(settings.first, *(one for one in settings.stages if one)):
        return None
    bits = population.arrival_bits(candidate.campaign, first_day, len(sent))
    return Done(
        "at_volume",
        f"sent {first_day:,} exchanges within a day of its first, as members of {candidate.campaign} do",
        _within(bits, settings.volume),
        "an account that an employer opened for work that was waiting",
    )


def _against(settings: Returns, share: float, near: float, soon: bool) -> float:
    """Bits of a begin, for those of whom this share begins soon after a ban, against everybody."""
    theirs = share + (1.0 - share) * near
    return log2(theirs / near) if soon else log2((1.0 - theirs) / (1.0 - near))


def _near(bans: Sequence[float], hours: float, since: float, until: float) -> float:
    """Share of the time that was at most as many seconds after a ban."""
    covered, end = 0.0, since
    for ban in bans:
        start = max(ban, end)
        end = max(end, min(ban + hours, until))
        covered += max(end - start, 0.0)
    return min(max(covered / max(until - since, 1.0), LEAST_SHARE), 1.0 - LEAST_SHARE)


def _within(bits: float, most: float) -> float:
    return max(-most, min(most, bits))
