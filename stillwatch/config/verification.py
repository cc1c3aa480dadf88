"""Settings of account verification: how sign-ups are judged, what is asked of them, and who is back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signups:
    """How sign-ups are judged (verification.md)."""

    window_days: float = 28.0  # that sign-ups are compared over: farms work for weeks, and habits of customers drift
    min_tie_bits: float = 6.2  # of two sign-ups, from which one hand is supposed: as for links
    cell_prior: float = 3.0  # sign-ups added to both counts of a cell: fewer say nothing
    cell_bits: float = 4.0  # bits that one cell may give, for reasons nobody thought of
    cells_bits: float = 8.0  # bits that all cells may give
    min_in_cell: int = 4  # sign-ups that have both of two values, before they are looked at together
    record_prior: float = 20.0  # sign-ups that have a value, which count as the average: one ban says little of it
    least_bad: float = 0.005  # share of sign-ups that turn out bad, at least: of providers who have told nothing yet
    learning_rate: float = 0.5  # of outcomes: about one bit a first bad one; fitted (decision 24)
    learning_least: float = 0.5  # gradient that a value must gather: one outcome alone says nothing
    learned_bits: float = 10.0  # bits that outcomes may give or take
    matures_days: float = 7.0  # without a ban, after which a sign-up counts as one in good standing
    matured_counts: float = 0.3  # of an outcome that somebody looked at: operators' wait a week as well
    asks_from: float = 0.35  # likelihood from which a step is asked for: the first one is a call, not an accusation
    most_judged_again: int = 64  # of a group or cell, when one of it teaches something: bounds a call's time
    rejudged_a_call: int = 4  # earlier sign-ups judged again with each new one, and as many of those that wait


@dataclass(frozen=True)
class Returns:
    """When a newcomer is said to continue an account that was closed."""

    first: int = 50  # exchanges after which it is judged for the last time: most of a day of a campaign's account
    stages: tuple[int, ...] = (0, 10, 25)  # exchanges after which it is judged before; 0 is the sign-up
    prior: float = 0.001  # of newcomers who return, stated: one half then takes 1,000 to 1, as rare by chance
    neighbours: float = 0.005  # of newcomers who live, work or study with a closed one: five for each who returns
    link: float = 0.5  # likelihood from which it is said to: more likely than not
    identity: float = 12.0  # bits of payment, device, number; as in links
    network: float = 6.0  # bits of addresses and networks; as in links
    registration: float = 3.0  # bits of mail patterns; as in links
    product: float = 3.0  # bits of client builds; as in links
    templates: float = 8.0  # bits of a campaign's templates: 256 to 1, a quarter of what one half takes
    timing: float = 3.0  # bits of a begin soon after a ban: others begin every hour as well
    volume: float = 3.0  # bits of beginning at full volume: an employer's new accounts do so too
    usage: float = 9.0  # bits of templates, client and volume together: an evaluation shows all three; half takes ten
    answered_hours: float = 12.0  # from a ban, within which it is answered: replacements came within nine
    answered: float = 0.45  # share of returns that come so soon; the others take a spare, or their time
    own_at_once: float = 0.25  # share of neighbours who begin so soon: who used the closed one needs one of their own

    def family_bits(self, family: str) -> float:
        """Bits that a family of evidence may give for or against."""
        return float(getattr(self, family))


@dataclass(frozen=True)
class Verification:
    """What a sign-up that is in doubt is asked for, until when, and what follows (verification-ladder.md)."""

    phone_likelihood: float = 0.3  # from which mail is no answer: a mailbox costs an operator nothing
    payment_likelihood: float = 0.6  # from which a number is none: rented ones cost cents, a card costs an account
    identity_likelihood: float = 0.9  # from which only a document or an organisation is: nine in ten are an operator's
    doubt_share: float = 0.25  # of the bits against, from which a family of signs is a doubt of its own to be answered
    email_days: float = 3.0  # to answer with: a letter is read within a weekend
    phone_days: float = 3.0  # likewise
    payment_days: float = 7.0  # a card may have to be asked for at work
    identity_days: float = 14.0  # a document may be at home, and home far away
    organization_days: float = 21.0  # somebody else has to set it up
    grace_days: float = 7.0  # between being limited and being suspended: time to notice, and to write
    remind_days: float = 2.0  # before a deadline, and at least between a reminder and what follows it
    again_days: float = 30.0  # in which a step is not asked again: who failed or ignored it once will do so again
    most_tries: int = 3  # sessions of a step that may fail, before it has failed: photographs are blurred twice
    honest_likelihood: float = 0.5  # below which a sign-up looks honest: more likely a customer's than not
    most_asked_a_day: float = 0.01  # share of a day's honest-looking sign-ups asked at most: one in a hundred
    least_asked_a_day: int = 5  # of them may be asked on any day: a share of a small day is nobody
    most_asked_a_run: int = 5_000  # cases opened by one command: a large farm fits, a day's sign-ups do not
    most_acted_a_run: int = 200  # accounts reminded, limited or suspended by one command: what a person looks through
    response_days: float = 30.0  # that a limit or suspension lasts, unless somebody says it again


@dataclass(frozen=True)
class Recheck:
    """When a programme account is asked again (verification-pathways.md)."""

    harvested_share: float = 0.2  # of its exchanges attributed to a campaign; a phrase in common gives some per cent
    round_the_clock: float = 0.7  # of hours with traffic: no person is awake for more
    round_the_clock_days: int = 7  # with traffic, before that is said: one night's work is no habit
    domain_accounts: int = 3  # of one mail domain in one campaign: two are flatmates
    domain_share: float = 0.05  # of a domain's accounts in it, from which the rest are asked; below, it is told
