"""Rows and requests as sign-ups: pseudonyms that a scan's tables have too, and what is said of a row that is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.pseudonyms import DEVICE, EMAIL, PAYMENT, Pseudonyms
from stillwatch.registered import clean_accounts
from stillwatch.tables import LOG_ACCOUNTS, LOG_SIGNUPS
from stillwatch.verification.lists import Lists
from stillwatch.verification.reading import BadSignup, SignupReader
from stillwatch.verification.signup import Signup

KEYS = Pseudonyms(b"k" * 32)
LISTS = Lists.load()
READER = SignupReader(KEYS, LISTS)
AT = 1_793_527_200.0  # 2026-11-01 10:00 UTC
CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {} Safari/537.36"


def read(**told: Any) -> Signup:
    return READER.read({"account_id": "a", "created_at": AT, **told})


@pytest.mark.parametrize(
    "created",
    [AT, int(AT), "2026-11-01T10:00:00Z", "2026-11-01 10:00:00", "2026-11-01T12:00:00+02:00",
     datetime(2026, 11, 1, 10), datetime(2026, 11, 1, 10, tzinfo=UTC)],
)  # fmt: skip
def test_times_in_every_form(created: Any) -> None:
    assert read(created_at=created) == Signup("a", AT)


def test_a_request_without_a_time_is_of_now() -> None:
    assert READER.read({"account_id": "a"}, now=AT).at == AT
    assert READER.read({"account_id": "a", "created_at": 5}, now=AT).at == 5


def test_pseudonyms_are_those_of_a_scan() -> None:
    """The same account through the batch path of a scan and through here."""
    told = {
        "account_id": "a",
        "created_at": datetime(2026, 11, 1, 10, tzinfo=UTC),
        "email": " Anna.Lee83@Example.com",
        "phone": "+49 (171) 555-0199",
        "payment_fingerprint": "fp_1",
        "device_fingerprint": "dev_1",
        "signup_ip": "::ffff:192.0.2.77",
    }
    columns = [pa.array([told.get(c.name)], c.type) for c in LOG_ACCOUNTS.columns]
    scanned = clean_accounts(pa.table(columns, names=LOG_ACCOUNTS.names), KEYS).to_pylist()[0]
    signup = READER.read(told)
    pairs = [
        (signup.email, "email"),
        (signup.email_domain, "email_domain"),
        (signup.email_shape, "email_shape"),
        (signup.phone, "phone"),
        (signup.payment, "payment_fingerprint"),
        (signup.device, "device_fingerprint"),
        (signup.address, "signup_address"),
        (signup.prefix, "signup_prefix"),
    ]
    assert [value for value, _ in pairs] == [scanned[name] for _, name in pairs]


def test_what_is_a_pseudonym_already_works() -> None:
    signup = read(email="h4sh", phone="tok_ab", payment_fingerprint="p", device_fingerprint="d", signup_ip="tok-ip")
    assert (signup.email, signup.payment, signup.device) == (
        KEYS.token(EMAIL, "h4sh"), KEYS.token(PAYMENT, "p"), KEYS.token(DEVICE, "d"))  # fmt: skip
    assert signup.phone and signup.address and signup.mailbox == signup.email
    assert (signup.email_domain, signup.email_shape, signup.email_random, signup.prefix) == ("", "", None, "")
    assert (signup.phone_country, signup.phone_type, signup.phone_block) == ("", "", "")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("anna.lee@gmail.com", "annalee+news@googlemail.com", True),
        ("anna.lee@example.com", "Anna.Lee+x@EXAMPLE.com", True),
        ("anna.lee@example.com", "annalee@example.com", False),
        ("anna@bücher.example", "anna@xn--bcher-kva.example", True),
        ("+x@example.com", "+y@example.com", False),
    ],
)
def test_where_mail_arrives(one: str, other: str, same: bool) -> None:
    assert (read(email=one).mailbox == read(email=other).mailbox) is same


@pytest.mark.parametrize(
    ("number", "told", "plan"),
    [
        ("+491715550199", {}, ("DE", "mobile")),
        ("0049 171 5550199", {}, ("DE", "mobile")),
        ("0171 5550199", {"declared_country": "DE"}, ("DE", "mobile")),
        ("0171 5550199", {"signup_country": "DE"}, ("DE", "mobile")),
        ("0171 5550199", {}, ("", "")),
        ("+493012345678", {}, ("DE", "landline")),
        ("+14155550132", {}, ("US", "")),
        ("+14155550132", {"phone_type": "nonFixedVoip"}, ("US", "voip")),
        ("+445600123456", {}, ("GB", "voip")),
        ("+390612345678", {}, ("IT", "landline")),
        ("+442079460000", {"phone_type": "unknown"}, ("GB", "landline")),
        ("+8821612345", {}, ("", "")),
        ("123", {}, ("", "")),
    ],
)
def test_what_a_number_plan_tells(number: str, told: dict[str, str], plan: tuple[str, str]) -> None:
    signup = read(phone=number, **told)
    assert (signup.phone_country, signup.phone_type) == plan


def test_numbers_side_by_side_share_a_block() -> None:
    one, near, far = (read(phone=f"+49171555{rest}").phone_block for rest in ("0199", "0007", "1007"))
    assert one == near != far


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        (CHROME.format("Windows NT 10.0; Win64; x64", "Chrome/146.0.0.0"), "Chrome/146 Windows"),
        (CHROME.format("Linux; Android 10; K", "Chrome/146.0.0.0 Mobile"), "Chrome/146 Android"),
        (CHROME.format("Windows NT 10.0; Win64; x64", "Chrome/146.0.0.0 Mobile"), "Chrome/146 Windows Mobile"),
        (CHROME.format("X11; Linux x86_64", "HeadlessChrome/146.0.0.0"), "HeadlessChrome/146 Linux"),
        (CHROME.format("Unknown; Linux x86_64", "PhantomJS/2.1.1"), "PhantomJS/2 Linux"),
        ("python-requests/2.32.3", "python-requests/2 -"),
        ("curl", "curl -"),
        ("", ""),
    ],
)
def test_clients(agent: str, client: str) -> None:
    signup = read(signup_user_agent=agent)
    assert signup.client == client
    assert bool(signup.user_agent) is bool(agent)


def test_the_address_tells_what_it_can() -> None:
    signup = read(signup_ip="192.0.2.1", signup_country="de", signup_asn=16509)
    assert (signup.country, signup.asn, signup.network) == ("DE", 16509, "hosting")
    assert (read(signup_country="T1").network, read(signup_country="T1").country) == ("tor", "")
    assert read(signup_country="XX").country == ""


def test_ages_are_days_at_signup() -> None:
    signup = read(email_since="2026-10-02T10:00:00Z", email_domain_since=AT + 3600)
    assert (signup.email_age_days, signup.email_domain_age_days) == (30.0, 0.0)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"account_id": None}, "account_id"),
        ({"account_id": " "}, "account_id"),
        ({"account_id": ["a"]}, "account_id"),
        ({"created_at": None}, "created_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": float("nan")}, "created_at"),
        ({"created_at": AT * 1000}, "created_at"),
        ({"created_at": True}, "created_at"),
        ({"email": {"x": 1}}, "email"),
        ({"email": "x" * 2000}, "email"),
        ({"declared_country": "Germany"}, "declared_country"),
        ({"signup_country": "D1"}, "signup_country"),
        ({"payment_funding": "gold"}, "payment_funding"),
        ({"pathway": "vip"}, "pathway"),
        ({"verification": "yes"}, "verification"),
        ({"signup_asn": "AS1"}, "signup_asn"),
        ({"signup_asn": -1}, "signup_asn"),
        ({"email_since": "soon"}, "email_since"),
    ],
)
def test_what_is_no_signup_is_said(told: dict[str, Any], field: str) -> None:
    with pytest.raises(BadSignup) as caught:
        read(**told)
    assert caught.value.field == field and caught.value.what and caught.value.allowed


VALUES = st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.lists(st.text()))


@given(st.fixed_dictionaries({}, optional={name: VALUES for name in LOG_SIGNUPS.names}))
def test_whatever_comes_is_a_signup_or_said_to_be_none(row: dict[str, Any]) -> None:
    try:
        assert READER.read(row, now=AT).account_id
    except BadSignup as problem:
        assert problem.field in LOG_SIGNUPS.names


def test_the_reader_needs_no_file_but_the_packages(tmp_path: Path) -> None:
    assert SignupReader(KEYS, Lists.load(tmp_path)).read({"account_id": "a", "created_at": AT}) == Signup("a", AT)
