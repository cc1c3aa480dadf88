"""Logins at an organisation, against providers that listen: what passes, what fails, and what is no news at all."""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey, RSAKey
from oidc_provider_mock import User, run_server_in_thread

from stillwatch.errors import BadConfiguration
from stillwatch.verification.organizations import Issuer, Organizations, Refused
from stillwatch.verification.organizations.logins import LOGIN_SECONDS
from stillwatch.verification.organizations.tokens import key_named
from stillwatch.verification.outcome import Outcome
from tests.verification.organizations.issuers_here import WORKER, Crooked, broken_off, came_back, crooked, logged_in

CALLBACK = "https://provider.example/v1/organizations/callback"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
USERS = (
    User(sub=WORKER, claims={"email": WORKER, "email_verified": True, "hd": "Example.com"}),
    User(sub="private@gmail.com", claims={"email": "private@gmail.com", "email_verified": True}),
    User(sub="says@example.com", claims={"email": "says@example.com", "email_verified": False}),
    User(sub="word@example.com", claims={"email": "word@example.com", "email_verified": "true"}),
    User(sub="two@evil.com@example.com", claims={"email": "two@evil.com@example.com", "email_verified": True}),
    User(sub="sub@a.example.com", claims={"email": "sub@a.example.com", "email_verified": True}),
)


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with run_server_in_thread(user_claims=USERS, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def bad() -> Iterator[Crooked]:
    with crooked() as made:
        yield made


def issuer(address: str, kind: str = "generic", **other: Any) -> Issuer:
    members = other.pop("members", {"example.com": "Example Ltd"} if kind == "generic" else {})
    return Issuer("here", kind, "us", "secret", address, members=members, **other)


def within(one: Issuer, does: Callable[[Organizations], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        logins = Organizations({"here": one}, CALLBACK)
        try:
            return await does(logins)
        finally:
            await logins.close()

    return asyncio.run(run())


def login(one: Issuer, who: str) -> Outcome:
    async def does(logins: Organizations) -> Outcome:
        begun = await logins.begin("case-1", "here", time.time())
        return await logins.finish(await logged_in(begun.address, who), begun.browser, time.time())

    return within(one, does)  # type: ignore[no-any-return]


def refused(one: Issuer, does: Callable[[Organizations], Awaitable[Any]]) -> str:
    with pytest.raises(Refused) as caught:
        within(one, does)
    return caught.value.code


def test_a_member_passes(mock: str) -> None:
    outcome = login(issuer(mock), WORKER)
    assert (outcome.vendor, outcome.case, outcome.step, outcome.state) == ("oidc", "case-1", "organization", "passed")
    assert outcome.facts == (("organization", "Example Ltd"), ("issuer", "here"), ("login", f"{mock} {WORKER}"))
    assert len(outcome.event_id) == 64 and outcome.reason == ""


@pytest.mark.parametrize(
    ("kind", "who", "reason"),
    [
        ("generic", "private@gmail.com", "not_a_member"),
        ("generic", "says@example.com", "no_organization"),
        ("generic", "word@example.com", "no_organization"),
        ("generic", "two@evil.com@example.com", "no_organization"),
        ("generic", "sub@a.example.com", "not_a_member"),
        ("google_workspace", "private@gmail.com", "no_organization"),
        ("google_workspace", WORKER, ""),
        ("microsoft_entra", WORKER, "no_organization"),
    ],
)
def test_which_claims_prove_it(mock: str, kind: str, who: str, reason: str) -> None:
    outcome = login(issuer(mock, kind), who)
    assert (outcome.state, outcome.reason) == ("failed" if reason else "passed", reason)
    assert ("organization", "example.com") in outcome.facts or reason or kind == "generic"


@pytest.mark.parametrize(
    ("claims", "proves"),
    [
        ({"tid": TENANT}, "Contoso"),
        ({"tid": TENANT, "acct": 0}, "Contoso"),
        ({"tid": TENANT, "acct": 1}, "no_organization"),
        ({"tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}, "no_organization"),
        ({"tid": TENANT.replace("7", "8"), "email": "boss@contoso.com"}, "not_a_member"),
        ({"tid": f"{TENANT}/x"}, "no_organization"),
        ({"tid": [TENANT]}, "no_organization"),
        ({"email": "boss@contoso.com", "email_verified": True}, "no_organization"),
    ],
)
def test_a_tenant_proves_and_an_address_does_not(claims: dict[str, Any], proves: str) -> None:
    entra = Issuer("here", "microsoft_entra", "us", members={TENANT: "Contoso"})
    try:
        assert entra.organization(claims) == proves
    except Refused as problem:
        assert problem.code == proves


def test_each_tenant_is_an_issuer_of_its_own() -> None:
    entra = Issuer("here", "microsoft_entra", "us")
    assert entra.at == "https://login.microsoftonline.com/organizations/v2.0"
    assert entra.expected({"tid": TENANT}) == f"https://login.microsoftonline.com/{TENANT}/v2.0"


def test_broken_off_is_canceled(mock: str) -> None:
    async def does(logins: Organizations) -> Outcome:
        begun = await logins.begin("case-1", "here", time.time())
        return await logins.finish(await broken_off(begun.address), begun.browser, time.time())

    assert within(issuer(mock), does).state == "canceled"


def test_state_is_taken_once_and_in_time_and_by_the_browser_that_began(mock: str) -> None:
    async def twice(logins: Organizations) -> None:
        begun = await logins.begin("case-1", "here", time.time())
        came = await logged_in(begun.address, WORKER)
        assert (await logins.finish(came, begun.browser, time.time())).state == "passed"
        await logins.finish(came, begun.browser, time.time())

    async def late(logins: Organizations) -> None:
        begun = await logins.begin("case-1", "here", time.time())
        await logins.finish(await logged_in(begun.address, WORKER), begun.browser, time.time() + LOGIN_SECONDS)

    async def elsewhere(logins: Organizations) -> None:
        begun = await logins.begin("case-of-the-attacker", "here", time.time())
        await logins.finish(await logged_in(begun.address, WORKER), "", time.time())

    async def invented(logins: Organizations) -> None:
        await logins.begin("case-1", "here", time.time())
        await logins.finish({"state": "x", "code": "y"}, "", time.time())

    said = [refused(issuer(mock), one) for one in (twice, late, elsewhere, invented)]
    assert said == ["unknown_login", "unknown_login", "another_browser", "unknown_login"]


def test_a_code_of_another_login_does_not_fit(mock: str) -> None:
    """The nonce in the token is the other login's."""

    async def does(logins: Organizations) -> None:
        first, second = [await logins.begin(case, "here", time.time()) for case in ("case-1", "case-2")]
        came = await logged_in(first.address, WORKER)
        await logins.finish({**came, "state": came_back(second.address)["state"]}, second.browser, time.time())

    assert refused(issuer(mock), does) == "bad_token"


def test_a_code_that_was_used_is_refused_by_the_provider(mock: str) -> None:
    async def does(logins: Organizations) -> None:
        first, second = [await logins.begin("case-1", "here", time.time()) for _ in range(2)]
        came = await logged_in(first.address, WORKER)
        await logins.finish(came, first.browser, time.time())
        await logins.finish({**came, "state": came_back(second.address)["state"]}, second.browser, time.time())

    assert refused(issuer(mock), does) == "provider_failed"


def answered(
    made: Crooked, prepare: Callable[[str], None], **query: str
) -> Callable[[Organizations], Awaitable[Outcome]]:
    """A login at the crooked provider, whose token is prepared once the nonce is known."""

    async def does(logins: Organizations) -> Outcome:
        begun = await logins.begin("case-1", "here", time.time())
        asked = came_back(begun.address)
        prepare(asked["nonce"])
        return await logins.finish({"state": asked["state"], "code": "c", **query}, begun.browser, time.time())

    return does


def right(made: Crooked, nonce: str) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": made.address, "aud": "us", "sub": "1", "iat": now, "exp": now + 600, "nonce": nonce,
            "email": WORKER, "email_verified": True}  # fmt: skip


def test_the_crooked_one_can_do_right(bad: Crooked) -> None:
    outcome = within(issuer(bad.address), answered(bad, lambda nonce: bad.signs(right(bad, nonce))))
    assert outcome.state == "passed" and len(bad.forms[0]["code_verifier"]) >= 43
    assert bad.forms[0]["redirect_uri"] == CALLBACK


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"aud": "others"}, "bad_token"),
    ({"aud": ["others"]}, "bad_token"),
    ({"aud": "others", "azp": "us"}, "bad_token"),
    ({"aud": ["us", "others"]}, "bad_token"),  # without azp
    ({"aud": ["us", "others"], "azp": "others"}, "bad_token"),
    ({"aud": None}, "bad_token"),
    ({"iss": "https://accounts.google.com"}, "bad_token"),
    ({"iss": None}, "bad_token"),
    ({"exp": 1_600_000_000}, "expired_token"),
    ({"exp": None}, "bad_token"),
    ({"exp": "never"}, "bad_token"),
    ({"iat": 4_000_000_000}, "bad_token"),
    ({"nbf": 4_000_000_000}, "bad_token"),
    ({"nonce": "another"}, "bad_token"),
    ({"nonce": None}, "bad_token"),
    ({"nonce": ""}, "bad_token"),
    ({"sub": None}, "bad_token"),
    ({"at_hash": "AAAA"}, "bad_token"),
]


@pytest.mark.parametrize(("change", "code"), CHANGES, ids=str)
def test_a_claim_that_is_wrong(bad: Crooked, change: dict[str, Any], code: str) -> None:
    def prepare(nonce: str) -> None:
        told = {**right(bad, nonce), **change}
        bad.signs({name: value for name, value in told.items() if value is not None})

    assert refused(issuer(bad.address), answered(bad, prepare)) == code


def test_signatures_that_are_nobodys(bad: Crooked) -> None:
    other = RSAKey.generate_key(2048, {"kid": "two"})
    same_name = RSAKey.generate_key(2048, {"kid": "one"})
    secret = OctKey.import_key("secret" * 8, {"kid": "one"})

    def public(nonce: str) -> None:
        """The public key, which everybody has, as a shared secret."""
        bad.signs(right(bad, nonce))
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=").decode()
        content = f"{head}.{bad.token.split('.')[1]}"
        mac = hmac.digest(bad.key.as_pem(private=False), content.encode(), "sha256")
        bad.token = f"{content}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def unsigned(nonce: str) -> None:
        bad.signs(right(bad, nonce))
        bad.token = f"eyJhbGciOiJub25lIn0.{bad.token.split('.')[1]}."

    def cut(nonce: str) -> None:
        bad.signs(right(bad, nonce))
        bad.token = bad.token.rpartition(".")[0] + "."

    prepared: list[Callable[[str], None]] = [
        lambda nonce: bad.signs(right(bad, nonce), other),
        lambda nonce: bad.signs(right(bad, nonce), same_name),
        lambda nonce: bad.signs(right(bad, nonce), secret, alg="HS256"),
        public,
        unsigned,
        cut,
    ]
    assert [refused(issuer(bad.address), answered(bad, one)) for one in prepared] == ["bad_token"] * len(prepared)


def test_a_key_that_is_new_is_asked_for_but_not_again_and_again(bad: Crooked) -> None:
    async def does(logins: Organizations) -> list[str]:
        said = []
        for at, turn in ((0, False), (10, False), (100, True), (110, False), (120, True), (200, False)):
            now = time.time() + at
            if turn:
                bad.key = RSAKey.generate_key(2048, {"kid": f"key-{at}"})
            begun = await logins.begin("case-1", "here", now)
            asked = came_back(begun.address)
            bad.signs({**right(bad, asked["nonce"]), "exp": int(now) + 600})
            try:
                said.append((await logins.finish({"state": asked["state"], "code": "c"}, begun.browser, now)).state)
            except Refused as problem:
                said.append(problem.code)
        return said

    assert within(issuer(bad.address), does) == ["passed", "passed", "passed", "passed", "bad_token", "passed"]
    assert bad.asked_for_keys == 3


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://another.example"},
        {"jwks_uri": "http://keys.example/"},
        {"token_endpoint": None},
        {"jwks_uri": 1},
    ],
    ids=str,
)
def test_a_provider_that_is_not_who_it_says(bad: Crooked, document: dict[str, Any]) -> None:
    bad.document = document
    assert refused(issuer(bad.address), lambda logins: logins.begin("case-1", "here", 1e9)) == "provider_failed"


def test_another_issuer_may_not_answer(bad: Crooked) -> None:
    """RFC 9207: an issuer names itself in its redirect."""

    def prepare(nonce: str) -> None:
        bad.signs(right(bad, nonce))

    assert refused(issuer(bad.address), answered(bad, prepare, iss="https://another.example")) == "another_issuer"
    assert within(issuer(bad.address), answered(bad, prepare, iss=bad.address)).state == "passed"
    bad.document = {"authorization_response_iss_parameter_supported": True}
    assert refused(issuer(bad.address), answered(bad, prepare)) == "another_issuer"


def test_nobody_listens() -> None:
    assert refused(issuer("http://127.0.0.1:9"), lambda logins: logins.begin("c", "here", 1e9)) == "provider_failed"
    assert refused(issuer("http://1.2.3.4"), lambda logins: logins.begin("c", "here", 1e9)) == "provider_failed"
    assert refused(issuer("http://127.0.0.1:9"), lambda logins: logins.begin("c", "nobody", 1e9)) == "unknown_issuer"


def test_what_an_issuer_needs() -> None:
    for told in (
        {"kind": "saml", "client_id": "us", "address": "https://a.example"},
        {"kind": "generic", "client_id": "us", "members": {"a.example": "A"}},
        {"kind": "generic", "client_id": "us", "address": "https://a.example"},
        {"kind": "google_workspace", "client_id": ""},
    ):
        with pytest.raises(BadConfiguration):
            Issuer("here", **told)  # type: ignore[arg-type]
    assert "hidden" not in repr(Issuer("here", "google_workspace", "us", "hidden"))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_-]{0,20}(\.[A-Za-z0-9_-]{0,20}){2,4}", fullmatch=True))
def test_a_token_of_any_kind_is_refused_and_nothing_else(token: str) -> None:
    try:
        named = key_named(token)
    except Refused:
        return
    assert named is None or isinstance(named, str)
