"""What a pathway is: requirements, each answered by any of some kinds of fact, and how many of one domain may be in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Kind:
    """A kind of fact that can be shown."""

    name: str
    step: str  # of outcome.STEPS: what is asked, to have it shown
    says: str  # in words
    valid_days: float  # that it is believed from when it was shown; 0 for as long as the account stands
    reviewed: bool = False  # it counts once a person has read it
    eligibility: bool = False  # read off a sign-up by a machine: opens the door, and proves nothing


@dataclass(frozen=True)
class Requirement:
    """One thing to be shown, by any of some kinds of fact."""

    code: str
    any_of: tuple[Kind, ...]
    because: str

    @property
    def step(self) -> str:
        """What is asked of whoever has not met it: the step of the first kind that a person can show."""
        return next((one.step for one in self.any_of if not one.eligibility), self.any_of[0].step)


@dataclass(frozen=True)
class Pathway:
    """One way in, as data/pathways.toml and a provider's own file say."""

    name: str  # as in the accounts' column `pathway`
    about: str
    requires: tuple[Requirement, ...]
    accounts_a_domain: int  # accounts of one mail domain in it; 0 for any number
    new_a_week: int  # the same that may come in a week; 0 for any number
    domain_days: float  # that the mail domain must have been registered for; 0 for none
    ask_within_days: float  # from a question to its deadline
    appeal_days: float  # from a withdrawal, in which it can be appealed
    again: str  # code of the requirement that is asked again when something has changed
    withdrawal: str  # what happens when the proof fails or the deadline passes, in words
    innocent: str  # who of its members behaves like a harvester and is none, in words

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every kind that one of its requirements takes."""
        return {kind.name: kind for one in self.requires for kind in one.any_of}

    @property
    def step_again(self) -> str:
        """The step that is asked when something has changed."""
        return next(one.step for one in self.requires if one.code == self.again)
