"""Who is said to continue a closed account: what ties, what speaks for innocence, and that nothing later is used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.config import Returns
from stillwatch.verification.returning import Closed, Habits, Holder, Newcomer, Population, Returning, Sent, judge
from stillwatch.verification.signup import Signup

HOUR, DAY = 3600.0, 86_400.0
NOW = 100 * DAY
SETTINGS = Returns()
POOL = [Holder(f"c{n}", 80 * DAY, campaign="C-1") for n in range(30)]
LOST = Holder("lost", 80 * DAY, NOW - 2 * HOUR, "C-1")  # the campaign's one ban
SPAM = Holder("spam", 80 * DAY, NOW - 2 * HOUR)  # banned alone
STRANGERS = [Holder(f"s{n}", 50 * DAY) for n in range(60)]
EVERYBODY = [*POOL, LOST, SPAM, *STRANGERS]
HABITS = Habits(((10, 20),) * 30, tuple([20] * 30), users=0)
BEGINNINGS = tuple(sorted([2] * 17_000 + [60] * 2_000))  # exchanges in the first day
POPULATION = Population(tuple([40 * DAY] * 20_000), 60 * DAY, 19_000, BEGINNINGS, {"C-1": HABITS})


def closed(*values: tuple[str, str, str], more: tuple[Holder, ...] = ()) -> Closed:
    """Values as (account, kind, value)."""
    holders = [*EVERYBODY, *more]
    place = {one.account_id: number for number, one in enumerate(holders)}
    return Closed(holders, [(place[who], kind, value) for who, kind, value in values])


def newcomer(sent: int = 0, fitting: int = 0, **registered: str) -> Newcomer:
    rows = tuple(Sent(NOW + n * 60.0, campaign="C-1" if n < fitting else "") for n in range(sent))
    return Newcomer(Signup("new", NOW - HOUR, **registered), NOW + DAY, rows)


def said(one: Newcomer, known: Closed) -> Returning:
    return judge(one, known, POPULATION, SETTINGS)


CARD = ("lost", "payment", "card")
HOME = [("spam", "payment", "card"), ("spam", "device", "mac"), ("spam", "address", "line")]
AT_HOME = {"payment": "card", "device": "mac", "address": "line"}


@pytest.mark.parametrize(
    ("what", "values", "one", "linked"),
    [
        ("a stranger", [CARD], newcomer(20, 0, payment="another"), False),
        ("a card alone", [CARD], newcomer(payment="card"), False),
        ("templates alone", [], newcomer(50, 50), False),
        ("a card and the campaign's templates", [CARD], newcomer(20, 8, payment="card"), True),
        ("a card, and fifty exchanges of its own", [CARD], newcomer(50, 0, payment="card"), False),
        ("all that a household shares, at once after the ban", HOME, newcomer(30, 0, **AT_HOME), False),
        ("a batch of cards, and templates", [*((f"c{n}", "payment", "card") for n in range(5)), CARD],
         newcomer(10, 4, payment="card"), True),
    ],
)  # fmt: skip
def test_who_is_linked(what: str, values: list[tuple[str, str, str]], one: Newcomer, linked: bool) -> None:
    assert said(one, closed(*values)).linked(SETTINGS) == linked, what


def test_it_names_whose_place_it_takes_and_says_why() -> None:
    told = said(newcomer(20, 8, payment="card"), closed(CARD))
    assert (told.campaign, told.account) == ("C-1", "lost")
    assert str(told).startswith("new continues C-1 (banned account lost): likelihood ")
    assert {one.code for one in told.reasons} >= {"shared_payment", "template", "after_a_ban", "beside"}
    assert all(one.innocent_explanation for one in told.reasons)
    assert sum(one.weight for one in told.reasons) == pytest.approx(told.bits, abs=0.3)


def test_one_banned_alone_is_named_without_a_campaign() -> None:
    told = said(newcomer(**AT_HOME), closed(*HOME))
    assert (told.campaign, told.account) == (None, "spam")


def test_how_it_is_used_alone_links_nobody() -> None:
    """An evaluation fills the same template from the same client, at full volume; nothing else ties it."""
    often = tuple(Holder(f"gone{n}", 0.0, NOW - n * 6 * HOUR, "C-1") for n in range(1, 160))
    sent = tuple(Sent(NOW + n * 60.0, build="rare", campaign="C-1" if n % 2 else "") for n in range(20))
    known = closed(("lost", "build", "rare"), ("c1", "build", "rare"), more=often)
    told = said(Newcomer(Signup("new", NOW - HOUR), NOW + DAY, sent), known)
    assert told.account and weight(told, "usage") < -1.0 and not told.linked(SETTINGS)


def weight(told: Returning, code: str) -> float:
    return sum(one.weight for one in told.reasons if one.code == code)


def test_a_value_that_customers_in_good_standing_hold_says_little() -> None:
    alone = said(newcomer(payment="card"), closed(CARD))
    among = said(newcomer(payment="card"), closed(CARD, *((f"s{n}", "payment", "card") for n in range(30))))
    assert weight(alone, "shared_payment") > 6.0 > 3.5 > weight(among, "shared_payment")


def test_a_crowd_says_nothing() -> None:
    line = ("lost", "address", "exit")
    assert said(newcomer(address="exit"), closed(line)).account == "lost"
    crowd = [(f"s{n}", "address", "exit") for n in range(60)]
    assert said(newcomer(address="exit"), closed(line, *crowd)).account is None


def test_no_account_continues_one_that_is_not_closed_yet() -> None:
    early = Newcomer(Signup("new", NOW - DAY, payment="card"), NOW - 3 * HOUR)
    assert said(early, closed(CARD)).account is None
    assert said(replace(early, at=NOW), closed(CARD)).account is None  # it began before the ban


@pytest.mark.parametrize("bans", [160, 700])  # more than are looked at, too
def test_beginning_after_a_ban_says_nothing_where_bans_come_all_the_time(bans: int) -> None:
    often = tuple(Holder(f"gone{n}", 0.0, NOW - n * 6 * HOUR, "C-1") for n in range(1, bans))
    one = newcomer(payment="card")
    assert weight(said(one, closed(CARD)), "after_a_ban") > 2.0
    assert abs(weight(said(one, closed(CARD, more=often)), "after_a_ban")) < 0.1


def test_a_client_that_is_little_known_ties_to_no_single_account() -> None:
    one = Newcomer(Signup("new", NOW), NOW + 1, (Sent(NOW, build="rare"),))
    assert said(one, closed(("spam", "build", "rare"))).account is None


later = st.lists(st.tuples(st.floats(0.001, 5.0), st.sampled_from(["card", "mac", "line"]), st.booleans()), max_size=6)


@settings(max_examples=60, deadline=None)
@given(later, st.integers(0, 30), st.integers(0, 10))
def test_what_comes_later_changes_nothing(rows: list[tuple[float, str, bool]], sent: int, fitting: int) -> None:
    kinds = {"card": "payment", "mac": "device", "line": "address"}
    values = [*HOME, CARD, ("lost", "device", "mac")]
    one = newcomer(sent, fitting, **AT_HOME)
    before = said(one, closed(*values))
    more = tuple(  # others who come later, and bans of later days
        Holder(
            f"l{n}", one.at + days * DAY, one.at + days * DAY + 1 if banned else float("inf"), "C-1" if banned else ""
        )
        for n, (days, _, banned) in enumerate(rows)
    )
    held = [(f"l{n}", kinds[value], value) for n, (_, value, _) in enumerate(rows)]
    after = replace(one, sent=(*one.sent, *(Sent(one.at + days * DAY, "line", "rare", "C-1") for days, _, _ in rows)))
    everybody = replace(POPULATION, created=tuple(sorted((*POPULATION.created, *(h.created for h in more)))))
    assert judge(after, closed(*values, *held, more=more), everybody, SETTINGS) == before


@pytest.mark.parametrize("sent", [1, 7, 50])
def test_the_more_of_it_fits_the_likelier_up_to_what_members_do(sent: int) -> None:
    bits = [POPULATION.template_bits("C-1", fitting, sent) for fitting in range(sent // 2 + 1)]
    assert bits[0] < 0.0 and bits == sorted(bits)


def test_a_sign_up_is_held_against_closed_accounts_by_what_it_registered_with() -> None:
    found = closed(CARD, *HOME).of_signup(Signup("new", NOW, payment="card", device="other"))
    assert [(kind, value, {one.account_id for one in held}) for kind, value, held in found] == [
        ("payment", "card", {"lost", "spam"})
    ]
