"""Programmes: what each pathway must prove, what has changed since, and who is asked again."""

from __future__ import annotations

from stillwatch.verification.pathways.changed import Change, Member, changed
from stillwatch.verification.pathways.domain import Crowded, Domain, crowded, eligible
from stillwatch.verification.pathways.pathway import Kind, Pathway, Requirement
from stillwatch.verification.pathways.programmes import kinds_of, load
from stillwatch.verification.pathways.proof import Proof, missing, newest, proved
from stillwatch.verification.pathways.recheck import Asked, Found, Institution, Rechecked, recheck
from stillwatch.verification.pathways.shown import shown
from stillwatch.verification.pathways.txt import Challenge, answered, challenge, controls

__all__ = [
    "Asked",
    "Challenge",
    "Change",
    "Crowded",
    "Domain",
    "Found",
    "Institution",
    "Kind",
    "Member",
    "Pathway",
    "Proof",
    "Rechecked",
    "Requirement",
    "answered",
    "challenge",
    "changed",
    "controls",
    "crowded",
    "eligible",
    "kinds_of",
    "load",
    "missing",
    "newest",
    "proved",
    "recheck",
    "shown",
]
