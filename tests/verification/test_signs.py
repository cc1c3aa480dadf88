"""What one sign-up shows: each sign on one that shows it and one that does not, and on none that tells nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.networks import Networks
from stillwatch.verification.databases import Databases
from stillwatch.verification.lists import Lists
from stillwatch.verification.signs import ALL
from stillwatch.verification.signup import Signup
from stillwatch.verification.zones import Zones

LISTS = Lists.load()
SIGNS = {sign.code: sign for sign in ALL}
AT = 1_793_527_200.0  # 2026-11-01


def of(**told: Any) -> Signup:
    return Signup("a", AT, **told)


SHOWN = [
    ("disposable_mail", {"email_domain": "mailinator.com"}, {"email_domain": "gmail.com"}),
    ("relay_mail", {"email_domain": "privaterelay.appleid.com"}, {"email_domain": "mailinator.com"}),
    ("academic_lookalike", {"email_domain": "stanford-edu.com"}, {"email_domain": "stanford.edu"}),
    ("open_academic_suffix", {"email_domain": "liceum9.edu.pl", "pathway": "education"},
     {"email_domain": "agh.edu.pl", "pathway": "education"}),
    ("withdrawn_academic", {"email_domain": "oshtu.edu.kg", "pathway": "education"},
     {"email_domain": "stanford.edu", "pathway": "education"}),
    (
        "young_academic_domain",
        {"email_domain": "new-university.com", "email_domain_age_days": 100},
        {"email_domain": "new-university.com", "email_domain_age_days": 4000},
    ),
    ("young_academic_domain", {"email_domain": "stanford.edu", "email_domain_age_days": 1},
     {"email_domain": "acme.io", "email_domain_age_days": 1}),
    ("drawn_mailbox", {"email_random": 14.0}, {"email_random": 2.0}),
    ("young_mailbox", {"email_age_days": 2.0}, {"email_age_days": 200.0}),
    ("young_domain", {"email_domain_age_days": 2.0}, {"email_domain_age_days": 200.0}),
    ("voip_phone", {"phone_type": "voip"}, {"phone_type": "landline"}),
    (
        "phone_elsewhere",
        {"phone_country": "FR", "payment_country": "DE", "country": "DE"},
        {"phone_country": "FR", "payment_country": "DE", "country": "FR"},
    ),
    ("virtual_card", {"payment_funding": "virtual"}, {"payment_funding": "credit"}),
    ("prepaid_card", {"payment_funding": "prepaid"}, {"payment_funding": "virtual"}),
    (
        "card_elsewhere",
        {"payment_country": "FR", "country": "DE", "declared_country": "IT"},
        {"payment_country": "FR", "country": "DE", "declared_country": "FR"},
    ),
    ("hosting_address", {"network": "hosting"}, {"network": "access"}),
    ("vpn_address", {"network": "vpn"}, {"network": "relay"}),
    ("tor_address", {"network": "tor"}, {"address": "x"}),
    ("proxy_address", {"network": "proxy"}, {"network": "education"}),
    ("residential_address", {"network": "residential"}, {"network": "hosting"}),
    ("address_elsewhere", {"country": "FR", "declared_country": "DE"}, {"country": "DE", "declared_country": "DE"}),
    ("clock_elsewhere", {"timezone": "Asia/Tokyo", "country": "DE"}, {"timezone": "Europe/London", "country": "DE"}),
    ("clock_elsewhere", {"timezone": "America/New_York", "country": "FI"}, {"timezone": "Asia/Calcutta", "country": "IN"}),
    ("servers_clock", {"timezone": "UTC"}, {"timezone": "Europe/London"}),
    ("driven_browser", {"client": "HeadlessChrome/146 Linux"}, {"client": "Chrome/146 Linux"}),
    ("library_client", {"client": "python-requests/2 -"}, {"client": "okhttp/4 -"}),
    ("impossible_client", {"client": "Chrome/900 Windows"}, {"client": "Chrome/158 Windows"}),
    ("impossible_client", {"client": "Safari/17 Windows"}, {"client": "Safari/19 iOS"}),
    ("impossible_client", {"client": "Chrome/146 Windows Mobile"}, {"client": "Chrome/146 Android"}),
    ("outdated_client", {"client": "Chrome/80 Windows"}, {"client": "Chrome/146 Windows"}),
    (
        "school_without_domain",
        {"pathway": "education", "email_domain": "gmail.com"},
        {"pathway": "education", "email_domain": "stanford.edu"},
    ),
    (
        "company_without_domain",
        {"pathway": "startup", "email_domain": "gmail.com"},
        {"pathway": "enterprise", "email_domain": "acme.io"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "shown", "not_shown"), SHOWN, ids=[f"{one[0]}-{n}" for n, one in enumerate(SHOWN)])
def test_each_sign(code: str, shown: dict[str, Any], not_shown: dict[str, Any]) -> None:
    sign = SIGNS[code]
    assert (sign.shows(of(**shown), LISTS), sign.shows(of(**not_shown), LISTS)) == (True, False)


def test_an_academic_domain_is_held_against_nobody_who_does_not_ask_as_a_school() -> None:
    told = {"email_domain": "oshtu.edu.kg", "pathway": "self_serve"}
    assert SIGNS["withdrawn_academic"].shows(of(**told), LISTS) is None


def test_every_sign_is_tried_above() -> None:
    elsewhere = {"told_by_partner"}  # test_partners.py
    assert {one[0] for one in SHOWN} | elsewhere == set(SIGNS) and len(SIGNS) == len(ALL)


@pytest.mark.parametrize("sign", ALL, ids=lambda sign: sign.code)
def test_what_was_not_told_is_not_judged(sign: Any) -> None:
    assert sign.shows(of(), LISTS) is None


@pytest.mark.parametrize("sign", ALL, ids=lambda sign: sign.code)
def test_a_sign_speaks_against_and_says_who_is_innocent(sign: Any) -> None:
    assert 1 > sign.operators > sign.customers > 0
    assert sign.phrase.startswith("the ") and sign.innocent and not sign.phrase.endswith(".")


@pytest.mark.parametrize(
    "told",
    [
        {"pathway": "education", "email_domain": "uni-heidelberg.de", "country": "CN", "declared_country": "CN"},
        {"email_domain": "qq.com", "phone_type": "mobile", "timezone": "Asia/Shanghai", "country": "CN", "language": "zh-cn"},
        {"email_domain": "oshtu.edu.kg", "country": "KG"},
        {"email_domain": "liceum9.edu.pl", "country": "PL"},
        {"email_domain": "yandex.ru", "timezone": "Europe/Moscow", "country": "RU", "payment_country": "RU"},
        {"email_domain": "acme.io", "client": "Safari/17 iOS", "network": "education", "timezone": "Europe/Kiev",
         "country": "UA", "declared_country": "UA", "language": "ru"},
        {"pathway": "security_research", "email_domain": "proton.me", "network": "relay", "address": "x"},
    ],
)  # fmt: skip
def test_ordinary_people_of_anywhere_show_nothing(told: dict[str, Any]) -> None:
    assert [sign.code for sign in ALL if sign.shows(of(**told), LISTS)] == []


CODES = sorted(Zones.load().countries())
COUNTRY = st.sampled_from(["", *CODES])


@given(
    st.fixed_dictionaries(
        {
            "declared_country": COUNTRY,
            "country": COUNTRY,
            "phone_country": COUNTRY,
            "payment_country": COUNTRY,
            "timezone": st.sampled_from(["", "UTC", "Asia/Tokyo", "Europe/Berlin", "America/Lima", "Africa/Lagos"]),
            "network": st.sampled_from(["", "vpn", "access"]),
            "language": st.sampled_from(["", "zh-cn", "ru", "fa", "en-us"]),
            "pathway": st.sampled_from(["self_serve", "education", "startup"]),
        }
    ),
    st.permutations(CODES),
)
def test_no_country_counts_by_itself(told: dict[str, Any], others: list[str]) -> None:
    """Whoever exchanges all countries for others, everywhere alike, changes nothing at all."""
    other = dict(zip(["", *CODES], ["", *others], strict=True))
    moved = Zones({other[code]: zones for code, zones in LISTS.zones.countries().items()})
    elsewhere = Lists(domains={}, ranges={}, networks=Networks({}), databases=Databases(), zones=moved)
    here = Lists(domains={}, ranges={}, networks=Networks({}), databases=Databases(), zones=LISTS.zones)
    one = of(**told)
    names = ("declared_country", "country", "phone_country", "payment_country")
    same = replace(one, **{name: other[getattr(one, name)] for name in names})
    assert [sign.shows(one, here) for sign in ALL] == [sign.shows(same, elsewhere) for sign in ALL]


@pytest.mark.parametrize("language", ["", "zh-cn", "ru-ru", "fa", "ar", "en-us"])
def test_a_language_changes_nothing(language: str) -> None:
    told = {"email_domain": "gmail.com", "country": "FR", "declared_country": "FR", "timezone": "Europe/Paris"}
    assert [s.shows(of(**told, language=language), LISTS) for s in ALL] == [s.shows(of(**told), LISTS) for s in ALL]


@pytest.mark.parametrize(
    ("zone", "country", "hours"),
    [
        ("Asia/Tokyo", "CN", 1.0),
        ("Asia/Tokyo", "DE", 8.0),
        ("Europe/Berlin", "FR", 0.0),
        ("Europe/London", "DE", 1.0),
        ("Asia/Calcutta", "IN", 0.0),
        ("Europe/Berlin", "ZZ", None),
        ("Middle/Earth", "DE", None),
        ("../../etc/passwd", "DE", None),
        ("", "DE", None),
    ],
)
def test_hours_between_a_clock_and_a_country(zone: str, country: str, hours: float | None) -> None:
    assert LISTS.zones.apart(zone, country, AT) == hours


def test_every_sign_file_says_when_the_innocent_show_it() -> None:
    folder = Path(__file__).parents[2] / "stillwatch" / "verification" / "signs"
    silent = [path.name for path in folder.glob("*.py") if "nnocent when:" not in path.read_text(encoding="utf-8")]
    assert set(silent) == {"__init__.py", "sign.py"}
