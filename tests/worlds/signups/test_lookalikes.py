"""Honest crowds trip the signs they are there for, operators do what their rung says, and no accident gives anybody away."""

from __future__ import annotations

import pytest

from worlds.signups.conftest import Made

MINE = "(SELECT * FROM rows WHERE \"group\" = '{}')"
BUSIEST = "SELECT max(n) FROM (SELECT count(*) n FROM {rows} WHERE {key} IS NOT NULL GROUP BY {key})"

TOGETHER = "count(*) OVER (PARTITION BY {}) n"
SHARED = "SELECT avg((n > 1)::INT) FROM (SELECT {of} FROM {rows} WHERE {key} IS NOT NULL)"

# Group, what is shared or done together, and by how many at least.
TRIPS = [
    ("campus", "email_domain", 30),
    ("campus", "signup_ip", 10),
    ("campus", "device_fingerprint", 2),
    ("employers", "payment_fingerprint", 5),
    ("employers", "email_domain", 5),
    ("employers", "signup_ip", 5),
    ("enterprises", "signup_ip", 10),
    ("hackathons", "signup_ip", 10),
    ("agencies", "payment_fingerprint", 5),
    ("agencies", "device_fingerprint", 2),
    ("resellers", "payment_fingerprint", 20),
    ("households", "payment_fingerprint", 2),
    ("phones", "signup_ip", 5),
    ("privacy_minded", "signup_ip", 2),
    ("tutorial", "payment_issuer", 15),
    ("tutorial", "declared_country", 50),
]

# What real life gives away: what the software tells, what programmes there are.
CATEGORIES = [
    "pathway",
    "plan",
    "verification",
    "payment_funding",
    "phone_type",
    "signup_language",
    "signup_user_agent",
    "declared_country",
]


@pytest.mark.parametrize(("group", "key", "least"), TRIPS)
def test_a_crowd_looks_like_a_batch(patient: Made, group: str, key: str, least: int) -> None:
    assert patient.one(BUSIEST.format(rows=MINE.format(group), key=key)) >= least


def test_sign_ups_jump_when_a_model_comes_out(patient: Made) -> None:
    by_day = dict(patient.ask("SELECT day(created_at), count(*) FROM rows WHERE NOT fraudulent GROUP BY 1"))
    assert max(by_day, key=lambda day: by_day[day]) in (16, 17)  # September: the day itself or the one after


@pytest.mark.parametrize("column", CATEGORIES)
def test_no_common_value_belongs_to_operators_alone(patient: Made, crude: Made, column: str) -> None:
    for world in (patient, crude):
        honest = f"SELECT {column} FROM rows WHERE NOT fraudulent AND {column} IS NOT NULL"
        alone = f"SELECT count(*) FROM rows WHERE fraudulent AND {column} NOT IN ({honest})"
        assert world.one(alone) < 0.02 * world.summary.fraudulent


@pytest.mark.parametrize(
    "column", ["signup_tls_fingerprint", "signup_user_agent", "signup_asn", "device_fingerprint", "email"]
)
def test_gaps_say_nothing(patient: Made, column: str) -> None:
    honest, operators = (
        patient.one(f"SELECT avg(({column} IS NULL)::INT) FROM {MINE.format(group)}")
        for group in ("individuals", "operators")
    )
    assert abs(honest - operators) < 0.07


def test_an_address_has_two_of_an_operators_accounts_at_most_from_rung_one(residential: Made, crude: Made) -> None:
    crowded = (
        f"SELECT count(*) FROM (SELECT {TOGETHER.format('signup_ip')} FROM {MINE.format('operators')}) WHERE n > 2"
    )
    assert residential.one(crowded) < 0.25 * residential.summary.fraudulent  # phones' addresses and VPNs
    assert crude.one(crowded) > 0.5 * crude.summary.fraudulent


def test_the_ladder_takes_away_what_gives_operators_away(patient: Made, crude: Made) -> None:
    shares = {
        "cards": SHARED.format(rows="{rows}", of=TOGETHER.format("payment_fingerprint"), key="payment_fingerprint"),
        "devices": SHARED.format(rows="{rows}", of=TOGETHER.format("device_fingerprint"), key="device_fingerprint"),
        "places": "SELECT avg((signup_country <> declared_country)::INT) FROM {rows}",
        "odd clients": "SELECT avg((NOT regexp_matches(signup_user_agent, '^(Mozilla|Atlas)'))::INT) FROM {rows}",
        "bans": "SELECT avg((banned_at IS NOT NULL)::INT) FROM {rows}",
    }
    for what, query in shares.items():
        asked = query.format(rows=MINE.format("operators"))
        assert crude.one(asked) > patient.one(asked) + 0.02, what


def test_bought_accounts_are_like_anybodys(patient: Made) -> None:
    assert patient.summary.accounts["bought"] > 10
    for share in ("(payment_fingerprint IS NOT NULL)", "(phone IS NOT NULL)", "(device_fingerprint IS NOT NULL)"):
        bought, people = (
            patient.one(f"SELECT avg({share}::INT) FROM {MINE.format(group)}") for group in ("bought", "individuals")
        )
        assert abs(bought - people) < 0.25
    assert patient.one(BUSIEST.format(rows=MINE.format("bought"), key="device_fingerprint")) <= 2


def test_successors_come_after_a_ban_of_their_own_operator(crude: Made) -> None:
    pairs = "rows AS new JOIN rows AS old ON new.succeeds = old.account_id"
    assert crude.summary.successors > 5
    assert crude.one(f"SELECT count(*) FROM {pairs}") == crude.summary.successors
    assert (
        crude.one(f"SELECT count(*) FROM {pairs} WHERE new.created_at < old.banned_at OR new.operator <> old.operator")
        == 0
    )
    same = crude.one(f"SELECT avg((new.signup_user_agent = old.signup_user_agent)::INT) FROM {pairs}")
    assert same > 0.25  # some take the banned one's browser over


def test_some_honest_people_are_banned_and_some_never_begin(patient: Made) -> None:
    assert 0 < patient.one("SELECT avg((banned_at IS NOT NULL)::INT) FROM rows WHERE NOT fraudulent") < 0.02
    assert 0.05 < patient.one("SELECT avg((first_exchange IS NULL)::INT) FROM rows WHERE NOT fraudulent") < 0.4


def test_resellers_and_enterprises_declare_themselves(patient: Made) -> None:
    known = (
        f"SELECT count(*) FROM '{patient.folder}/log/declared.parquet' WHERE id IN (SELECT organization_id FROM rows)"
    )
    everybody = patient.one(f"SELECT count(*) FROM '{patient.folder}/log/declared.parquet'")
    assert patient.one(known) == everybody >= 1
