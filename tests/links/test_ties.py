"""Each tie: a pair that shares its value, a pair that does not, and what an innocent account must not share by it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from stillwatch import tables
from stillwatch.config import FAMILIES, Links
from stillwatch.links import ALL
from stillwatch.links.client_build import client_build
from stillwatch.links.email_pattern import email_pattern
from stillwatch.links.failover import FEW_SENDERS, MIN_BYTES, WITHIN_SECONDS, failover
from stillwatch.links.lockstep import PAUSE_SECONDS, lockstep
from stillwatch.links.queue_shards import queue_shards
from stillwatch.links.rare_template import rare_template
from stillwatch.links.shared_address import shared_address
from stillwatch.links.shared_device import shared_device
from stillwatch.links.shared_payment import shared_payment
from stillwatch.links.shared_phone import shared_phone
from stillwatch.links.shared_signature import shared_signature
from stillwatch.links.signup_burst import signup_burst
from stillwatch.links.signup_moment import MOMENT_SECONDS, signup_moment
from stillwatch.links.succession import succession
from stillwatch.links.tie import Tie

Rows = list[dict[str, Any]]


def sharing(engine: Any, tie: Tie, **given: Rows) -> set[str]:
    """Pairs of accounts that hold a common value, as `ab`."""
    known = {table.name: table for table in tables.ALL}
    read = {name: engine.given(known[name], *given.get(name, [])) for name in tie.reads}
    holders: dict[str, set[str]] = {}
    for row in engine.collect(tie.values(read).select("account_id", "value")):
        assert row["value"] is not None
        holders.setdefault(row["value"], set()).add(row["account_id"])
    return {a + b for held in holders.values() for a, b in combinations(sorted(held), 2)}


def people(column: str, **values: Any) -> Rows:
    return [{"account_id": account, column: value} for account, value in values.items()]


@pytest.mark.parametrize(
    "tie, column",
    [(shared_payment, "payment_fingerprint"), (shared_device, "device_fingerprint"), (shared_phone, "phone")],
)
def test_what_is_registered(engine: Any, tie: Tie, column: str) -> None:
    assert sharing(engine, tie, registered=people(column, a="v", b="v", c="w", d=None, e=None)) == {"ab"}


def test_email_pattern(engine: Any) -> None:
    shapes = {"a": ("w6d4", "x.org"), "b": ("w6d4", "x.org"), "c": ("w6d4", "y.org"), "d": ("w5", "x.org")}
    rows = [{"account_id": one, "email_shape": shape, "email_domain": at} for one, (shape, at) in shapes.items()]
    rows += [{"account_id": "e", "email_shape": "w6d4"}, {"account_id": "f", "email_domain": "x.org"}]
    assert sharing(engine, email_pattern, registered=rows) == {"ab"}


def test_signup_burst(engine: Any) -> None:
    rows = [
        {"account_id": "a", "created_at": "2026-02-02 09:01", "signup_prefix": "p"},
        {"account_id": "b", "created_at": "2026-02-02 09:08", "signup_prefix": "p"},
        {"account_id": "c", "created_at": "2026-02-02 10:08", "signup_prefix": "p"},
        {"account_id": "d", "created_at": "2026-02-02 09:02", "signup_prefix": "q", "email_domain": "x.org"},
        {"account_id": "e", "created_at": "2026-02-02 09:03", "email_domain": "x.org"},
        {"account_id": "f", "created_at": None, "signup_prefix": "p"},
        {"account_id": "g", "created_at": "2026-02-02 09:03"},
    ]
    assert sharing(engine, signup_burst, registered=rows) == {"ab", "de"}


def test_shared_address(engine: Any) -> None:
    uses = [
        {"account_id": "a", "address": "x", "timestamp": "2026-02-02 01:00"},
        {"account_id": "b", "address": "x", "timestamp": "2026-02-02 23:00", "network": "access"},
        {"account_id": "c", "address": "x", "timestamp": "2026-02-03 01:00"},
        {"account_id": "d", "address": "v", "timestamp": "2026-02-02 01:00", "network": "vpn"},
        {"account_id": "e", "address": "v", "timestamp": "2026-02-02 01:00", "network": "vpn"},
        {"account_id": "f", "address": None, "timestamp": "2026-02-02 01:00"},
        {"account_id": "g", "address": None, "timestamp": "2026-02-02 01:00"},
    ]
    signed = [{"account_id": "h", "signup_address": "x", "created_at": "2026-02-03 12:00"}, {"account_id": "i"}]
    assert sharing(engine, shared_address, uses=uses, registered=signed) == {"ab", "ch"}


def test_client_build(engine: Any) -> None:
    build = {"timestamp": "2026-02-02 01:00", "tls_fingerprint": "t", "header_fingerprint": "h", "client_version": "1"}
    uses = [
        {**build, "account_id": "a"},
        {**build, "account_id": "b"},
        {**build, "account_id": "c", "client_version": "2"},
        {**build, "account_id": "d", "tls_fingerprint": None},
        {**build, "account_id": "e", "tls_fingerprint": None},
    ]
    assert sharing(engine, client_build, uses=uses) == {"ab"}


def test_rare_template(engine: Any) -> None:
    rows = [{"account_id": one, "template_id": name, "field": "prompt"} for one, name in ("aT", "bT", "cU")]
    assert sharing(engine, rare_template, account_templates=rows) == {"ab"}


PRODUCT = [{"template_id": "T", "field": "prompt", "independent": True}]  # strangers who pay for themselves use T


def test_a_products_template_ties_nobody(engine: Any) -> None:
    users = [
        {"account_id": one, "template_id": "T", "field": "prompt", "first_seen": f"2026-02-03 0{hour}:00"}
        for one, hour in (("a", 1), ("b", 6))
    ]
    uses = [{"account_id": one, "template_id": "T", "timestamp": "2026-02-02 08:00"} for one in "ab"]
    banned = [{"account_id": "a", "banned_at": "2026-02-03 02:00"}]
    assert sharing(engine, rare_template, account_templates=users, template_spread=PRODUCT) == set()
    assert sharing(engine, lockstep, uses=uses, template_spread=PRODUCT) == set()
    assert sharing(engine, succession, account_templates=users, registered=banned, template_spread=PRODUCT) == set()


def test_queue_shards(engine: Any) -> None:
    """People repeat each other on one template; on the other, every prompt was dealt to one account."""
    size = 40
    shared = [(one, "people's", number) for one in "cd" for number in range(size)]
    dealt = [("a" if number % 2 else "b", "dealt", number) for number in range(4 * size)]
    rows = [
        {"account_id": one, "template_id": name, "prompt_hash": number, "exchanges": 1}
        for one, name, number in [*shared, *dealt, ("e", "", 1), ("f", "", 2)]
    ]
    assert sharing(engine, queue_shards, account_prompts=rows) == {"ab"}


def test_shared_signature(engine: Any) -> None:
    uses = [
        {"account_id": one, "timestamp": "2026-02-02 01:00", "reasoning_signature": value}
        for one, value in (("a", "s"), ("b", "s"), ("c", "t"), ("d", None), ("e", None))
    ]
    assert sharing(engine, shared_signature, uses=uses) == {"ab"}


def test_failover(engine: Any) -> None:
    def sent(
        account: str, what: int, at: str, outcome: str | None = "answered", size: int = MIN_BYTES
    ) -> dict[str, Any]:
        return {"account_id": account, "prompt_hash": what, "timestamp": f"2026-02-02 {at}", "outcome": outcome,
                "prompt_bytes": size}  # fmt: skip

    assert WITHIN_SECONDS == 300, "the times below are told for five minutes"
    uses = [
        sent("a", 1, "09:00", "refused"),
        sent("b", 1, "09:01"),  # took it over
        sent("c", 1, "09:06"),  # too late for a dispatcher
        sent("d", 2, "09:00", "limited"),
        sent("d", 2, "09:01"),  # tried again itself
        sent("e", 3, "09:00", "overloaded"),
        sent("f", 3, "09:01"),  # the server was in trouble
        sent("g", 4, "09:00"),
        sent("h", 4, "09:01"),  # nothing was refused
        sent("i", 5, "09:01", "refused"),
        sent("j", 5, "09:00"),  # had it before
        sent("k", 6, "09:00", "refused", MIN_BYTES - 1),
        sent("l", 6, "09:01"),  # "yes, please"
        sent("m", 7, "09:00", None),
        sent("n", 7, "09:01"),  # nothing known
        sent("o", 8, "09:00", "limited"),
        *(sent(f"p{n}", 8, "09:01") for n in range(FEW_SENDERS)),  # a prompt that is passed around
        sent("q", 9, "09:00", "refused"),
        sent("r", 9, "09:01", "refused"),
        sent("s", 9, "09:02"),  # the third took it
    ]
    prompts = [
        {"account_id": one["account_id"], "template_id": "", "prompt_hash": one["prompt_hash"],
         "first_seen": one["timestamp"], "exchanges": 1}
        for one in uses[:4] + uses[5:]
    ]  # fmt: skip
    assert sharing(engine, failover, uses=uses, account_prompts=prompts) == {"ab", "qr", "qs", "rs"}


def test_a_request_that_nobody_took_over_is_held_by_one(engine: Any) -> None:
    use = {"account_id": "a", "prompt_hash": 1, "timestamp": "2026-02-02 09:00", "prompt_bytes": MIN_BYTES}
    given = {
        "uses": engine.given(tables.USES, *({**use, "outcome": one} for one in ("refused", "limited", "answered"))),
        "account_prompts": engine.given(tables.ACCOUNT_PROMPTS),
    }
    assert [row["account_id"] for row in engine.collect(failover.values(given))] == ["a"]


def test_requests_taken_over_make_no_link_alone() -> None:
    assert Links().family_bits(failover.family) < Links().min_bits


def test_lockstep(engine: Any) -> None:
    def uses(account: str, template: str | None, *minutes: str) -> Rows:
        return [
            {"account_id": account, "template_id": template, "timestamp": f"2026-02-02 {minute}"} for minute in minutes
        ]

    assert PAUSE_SECONDS == 3600, "the times below are told for an hour"
    rows = [
        *uses("a", "T", "08:00:05", "10:30:10"),
        *uses("b", "T", "06:00:00", "10:30:50"),
        *uses("c", "T", "10:15:00", "10:30:20"),  # goes on, does not start
        *uses("d", "U", "10:30:20"),  # another template
        *uses("e", None, "10:30:20"),
        *uses("f", None, "10:30:20"),
        *uses("g", "T", "10:33:00"),  # another minute
    ]
    assert sharing(engine, lockstep, uses=rows) == {"ab"}


def test_succession(engine: Any) -> None:
    def use(account: str, template: str, first: str) -> dict[str, Any]:
        return {"account_id": account, "field": "prompt", "template_id": template, "first_seen": first}

    used = [
        use("a", "T", "2026-02-01 00:00"),
        use("b", "T", "2026-02-03 06:00"),  # six hours after the ban
        use("c", "T", "2026-02-09 00:00"),  # a week after
        use("d", "U", "2026-02-03 06:00"),  # another template
        use("e", "T", "2026-02-02 00:00"),  # before the ban
    ]
    banned = [{"account_id": "a", "banned_at": "2026-02-03 00:00"}, {"account_id": "e"}]
    assert sharing(engine, succession, account_templates=used, registered=banned) == {"ab"}


def test_signup_moment(engine: Any) -> None:
    minutes = {"a": 1, "b": MOMENT_SECONDS // 60 - 1, "c": MOMENT_SECONDS // 60 + 1}
    rows = [{"account_id": one, "created_at": f"2026-02-01 09:{at:02}"} for one, at in minutes.items()]
    assert sharing(engine, signup_moment, registered=[*rows, {"account_id": "d"}]) == {"ab"}


@pytest.mark.parametrize("tie", ALL, ids=lambda tie: tie.kind)
def test_nothing_known_ties_nobody(engine: Any, tie: Tie) -> None:
    assert sharing(engine, tie) == set()


@pytest.mark.parametrize("tie", ALL, ids=lambda tie: tie.kind)
def test_every_tie_states_its_limits(tie: Tie) -> None:
    assert tie.family in FAMILIES and 0 < tie.unrelated < 1 > tie.same_operator
    says_something_of_a_pair = tie.same_operator > tie.unrelated
    assert says_something_of_a_pair == (Links().family_bits(tie.family) > 0)
    assert tie.crowd >= 2 and tie.phrase and tie.innocent


def test_kinds_have_names_of_their_own() -> None:
    assert len({tie.kind for tie in ALL}) == len(ALL)
