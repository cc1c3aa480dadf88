"""The HTTP service on the real store: what is taken, what is not, and that nobody is told more than they may know."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from oidc_provider_mock import User, run_server_in_thread

from stillwatch.config import Verification
from stillwatch.verification.asking import Asking
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.door import COOKIE
from stillwatch.verification.organizations import Issuer
from tests.verification.door_here import TOKENS, Placed, placed, until
from tests.verification.organizations.issuers_here import WORKER, broken_off, logged_in
from tests.verification.vendors.signing import NOW, SECRETS, Sent, event, signed, webhook

named = pytest.mark.parametrize("vendor", SECRETS)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Placed]:
    with placed(tmp_path) as one:
        yield one


def test_a_sign_up_is_assessed(door: Placed) -> None:
    status, told, headers = door.ask(
        "inside/v1/accounts/assess", "POST", {"account_id": "a", "email": "x@disposable.example"}
    )
    assert status == 200 and len(told.pop("decision_id")) == 32 and headers["cache-control"] == "no-store"
    assert told == {
        "schema_version": 1, "account_id": "a", "likelihood": 0.9, "asks": True, "batch": "B-1",
        "step": "", "steps": [], "case": "",
        "reasons": [{"code": "disposable_mail", "text": "the mail address is at a disposable domain", "weight": 5.0,
                     "innocent_explanation": "people who fear spam"}],
    }  # fmt: skip
    told = door.ask("inside/v1/accounts/assess", "POST", {"account_id": "b"})[1]
    assert (told["asks"], told["reasons"]) == (False, [])
    assert [(one["account_id"], one["asks"]) for one in door.notes] == [("a", True), ("b", False)]
    assert door.notes[1]["decision_id"] == told["decision_id"] and door.notes[1]["at"] == NOW
    assert 'stillwatch_verify_assessed_total{result="asked"} 1.0' in door.metrics()


def in_doubt(door: Placed, account: str, likelihood: float = 0.9) -> dict[str, object]:
    row = {"account_id": account, "email": "x@disposable.example", "likelihood": likelihood}
    return door.ask("inside/v1/accounts/assess", "POST", row)[1]  # type: ignore[no-any-return]


@pytest.mark.parametrize("acts", [False, True])
def test_a_case_is_opened_only_where_that_was_said(door: Placed, acts: bool) -> None:
    cases = door.service.cases
    door.service.asks = Asking(cases, {"disposable_mail": "mail"}, Verification(), acts)
    told = in_doubt(door, "a", 0.5)
    assert (told["step"], told["steps"]) == ("phone", ["phone"])
    assert [one.opened.case for one in cases.of_account("a")] == ([told["case"]] if acts else [])
    again = in_doubt(door, "a", 0.95)
    assert again["step"] == ("phone" if acts else "identity"), "what was asked stands"
    assert len(cases.of_account("a")) == acts and bool(again["case"]) == acts


def test_of_those_that_look_honest_few_are_asked_in_a_day(door: Placed) -> None:
    settings = Verification()
    door.service.asks = Asking(door.service.cases, {}, settings, acts=True)
    cases = [bool(in_doubt(door, f"honest-{one}", 0.4)["case"]) for one in range(settings.least_asked_a_day + 3)]
    assert cases == [True] * settings.least_asked_a_day + [False] * 3
    assert in_doubt(door, "likely")["case"], "others are asked all the same"
    door.clock[0] += 86_400
    assert in_doubt(door, "honest-tomorrow", 0.4)["case"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({"email": "x"}, 422, "unreadable"), (b"", 400, "no_json"), (b"[]", 400, "no_json"), (b"\xff{", 400, "no_json"),
     (b"[" * 9_000, 400, "no_json"), (b" " * 65_537, 413, "too_large"), ({"account_id": "broken"}, 500, "failed")],
    ids=str,
)  # fmt: skip
def test_what_is_no_sign_up(door: Placed, body: object, status: int, code: str) -> None:
    found, told, _ = door.ask("inside/v1/accounts/assess", "POST", body)
    assert (found, told["error"]["code"]) == (status, code)
    assert told["error"].get("field", "account_id") == "account_id"
    assert "secret of ours" not in json.dumps(told) and "Traceback" not in json.dumps(told)
    assert (status == 500) == any("ZeroDivisionError" in one and "secret" not in one for one in door.said)


def test_a_body_in_pieces_is_bounded_as_well(door: Placed) -> None:
    """No length is told beforehand: chunks until it is too much."""
    host, port = urlsplit(door.inside).hostname, urlsplit(door.inside).port
    with socket.create_connection((host, port), 5) as one:
        one.sendall(
            b"POST /v1/accounts/assess HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
            b"authorization: Bearer " + TOKENS[0].encode() + b"\r\n\r\n"
        )
        one.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n" + b"10\r\n" + b" " * 16 + b"\r\n")
        assert one.recv(1_000).startswith(b"HTTP/1.1 413")


def test_the_inner_door_opens_to_its_tokens_alone(door: Placed) -> None:
    door.open_case()
    for address in ("accounts/assess", "accounts/a/outcome", "cases/case-1"):
        for token in (None, "", "x", TOKENS[0][:-1], TOKENS[0] + "a", "é"):
            assert door.ask(f"inside/v1/{address}", "GET" if "cases" in address else "POST", {}, token)[0] == 401
    assert door.ask("inside/metrics", token=None)[0] == 401 and door.ask("inside/healthz", token=None)[0] == 200
    assert {door.ask("inside/v1/cases/case-1", token=one)[0] for one in TOKENS} == {200}
    basic = door.ask("inside/v1/cases/case-1", token=None, authorization=f"Basic {TOKENS[0]}")
    assert basic[0] == 401 and basic[2]["www-authenticate"] == "Bearer"


def test_each_door_answers_its_own_and_nothing_else(door: Placed) -> None:
    door.open_case()
    for address in ("v1/accounts/assess", "v1/accounts/a/outcome", "v1/cases/case-1", "metrics", "", "v1", "v1/webhooks/",
                    "v1/webhooks/nobody", "v1/webhooks/persona/x", "v1//webhooks/persona", "../metrics"):  # fmt: skip
        assert door.ask(f"outside/{address}", "POST", {})[0] == 404, address
    assert door.ask("inside/v1/webhooks/persona", "POST", {})[0] == 404
    for address, method in (("inside/v1/accounts/assess", "GET"), ("inside/v1/cases/case-1", "DELETE"),
                            ("outside/v1/webhooks/persona", "GET"), ("outside/v1/organizations/begin", "POST")):  # fmt: skip
        status, _, headers = door.ask(address, method)
        assert status == 405 and headers["allow"] in ("GET", "POST") and headers["allow"] != method


def test_a_case_is_told(door: Placed) -> None:
    door.open_case("case/1")
    assert door.webhook("persona", webhook("persona", "case/1", "passed")) == (200, "recorded")
    status, told, _ = door.ask("inside/v1/cases/case%2F1")
    assert status == 200 and told["case"] == "case/1" and told["account_id"] == "acct_1"
    assert (told["state"], told["open"], told["asked"], told["until"]) == ("passed", False, ["identity"], NOW + 1e6)
    assert [(one["step"], one["state"], one["vendor"]) for one in told["steps"]] == [("identity", "passed", "persona")]
    assert door.ask("inside/v1/cases/nobody")[0] == 404
    door.open_case("late")
    door.clock[0] = NOW + 2e6
    assert door.ask("inside/v1/cases/late")[1]["state"] == "overdue"


def test_verdicts_of_the_providers_own_systems(door: Placed) -> None:
    door.open_case()
    for verdict in ("banned", "failed"):
        assert (
            door.ask("inside/v1/accounts/acct_1/outcome", "POST", {"outcome": verdict, "at": NOW - 5})[1]["waived"]
            == []
        )
    assert door.state() == "asked", "a verdict alone ends no case but where it clears"
    told = door.ask("inside/v1/accounts/acct_1/outcome", "POST", {"outcome": "cleared"})[1]
    assert told == {"schema_version": 1, "account_id": "acct_1", "outcome": "cleared", "waived": ["case-1"]}
    assert door.state() == "waived"
    assert door.rule.learned == [
        ("acct_1", "banned", NOW - 5),
        ("acct_1", "failed", NOW - 5),
        ("acct_1", "cleared", NOW),
    ]
    bad = [{}, {"outcome": "guilty"}, {"outcome": ["banned"]}, {"outcome": "banned", "at": NOW + 9},
           {"outcome": "banned", "at": True}, {"outcome": "banned", "at": "now"}]  # fmt: skip
    fields = [door.ask("inside/v1/accounts/a/outcome", "POST", one)[1]["error"]["field"] for one in bad]
    assert fields == ["outcome", "outcome", "outcome", "at", "at", "at"] and len(door.rule.learned) == 3


@named
def test_news_is_recorded_once(door: Placed, vendor: str) -> None:
    door.open_case()
    sent = webhook(vendor, "case-1", "passed")
    assert [door.webhook(vendor, sent) for _ in range(3)] == [(200, "recorded"), (200, "known"), (200, "known")]
    assert door.state() == "passed"
    for result, many in (("recorded", 1.0), ("known", 2.0)):
        assert f'stillwatch_verify_webhooks_total{{result="{result}",vendor="{vendor}"}} {many}' in door.metrics()


def test_what_came_of_a_step_tells_of_others(door: Placed) -> None:
    """Once, by what stands of the case, and not by what came late."""
    door.open_case()
    for state, at, number in (
        ("failed", NOW - 20, 1),
        ("failed", NOW - 20, 1),
        ("started", NOW - 40, 2),
        ("passed", NOW - 10, 3),
    ):
        door.webhook("persona", webhook("persona", "case-1", state, at=at, number=number))
    assert door.rule.learned == [("acct_1", "failed", NOW - 20), ("acct_1", "cleared", NOW - 10)]


def test_earlier_sign_ups_that_later_ones_tell_of_are_noted(door: Placed) -> None:
    door.rule.later = [Assessment("earlier", NOW - 9, 0.8, 4.0, True, ())]
    in_doubt(door, "later")
    until(lambda: door.rule.asked_of == ["earlier"])
    assert [(one["account_id"], one["at"]) for one in door.notes] == [("later", NOW), ("earlier", NOW - 9)]
    assert 'stillwatch_verify_assessed_total{result="raised"} 1.0' in door.metrics()


@named
def test_forged_and_changed_and_stale_news_changes_nothing(door: Placed, vendor: str) -> None:
    door.open_case()
    sent = webhook(vendor, "case-1", "passed")
    other = webhook(vendor, "case-1", "passed", secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx")
    for one in (other, Sent({}, sent.body), Sent(sent.headers, sent.body.replace(b"case-1", b"case-2")),
                Sent(sent.headers, sent.body[:-2])):  # fmt: skip
        assert door.webhook(vendor, one) == (401, "forged")
    assert door.webhook(vendor, webhook(vendor, "case-1", "passed", at=NOW - 1_000_000)) == (400, "stale")
    assert door.state() == "asked"
    door.clock[0] = NOW + 1_000_000  # a webhook that somebody kept
    assert door.webhook(vendor, sent) == (400, "stale") and door.state() == "asked"


@named
def test_a_signature_of_another_vendor_is_none(door: Placed, vendor: str) -> None:
    door.open_case()
    for other in SECRETS:
        if other != vendor:
            assert door.webhook(other, webhook(vendor, "case-1", "passed")) == (401, "forged")


@named
def test_order_does_not_matter(door: Placed, vendor: str) -> None:
    news = [(state, NOW - 50 + 10 * number) for number, state in enumerate(("started", "pending", "failed", "passed"))]
    for turn, order in enumerate(random.Random(7).sample(list(itertools.permutations(news)), 6)):
        door.open_case(f"case-{turn}")
        for number, (state, at) in enumerate(order):
            sent = webhook(vendor, f"case-{turn}", state, at=at, number=10 * turn + number)
            assert door.webhook(vendor, sent) == (200, "recorded")
        assert door.state(f"case-{turn}") == "passed"


@named
def test_news_of_an_unknown_case_is_counted_and_not_sent_again(door: Placed, vendor: str) -> None:
    assert door.webhook(vendor, webhook(vendor, "nobody", "passed")) == (200, "unknown_case")
    assert f'result="unknown_case",vendor="{vendor}"' in door.metrics()


@named
def test_what_is_not_understood_is_counted_and_said(door: Placed, vendor: str) -> None:
    body = json.dumps([event(vendor, "case-1", "passed", NOW)]).encode()
    assert door.webhook(vendor, signed(vendor, body, NOW)) == (200, "not_understood")
    assert f'result="not_understood",vendor="{vendor}"' in door.metrics() and vendor in door.said[0]
    assert "case-1" not in door.said[0]


@named
def test_a_signature_that_is_sent_twice(door: Placed, vendor: str) -> None:
    """Two headers of one name: whichever counts elsewhere, a wrong one beside a right one opens no more than the right one."""
    door.open_case()
    sent = webhook(vendor, "case-1", "passed")
    wrong = webhook(vendor, "case-1", "passed", secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx")
    host, port = urlsplit(door.outside).hostname, urlsplit(door.outside).port
    lines = [f"{name}: {value}" for one in (wrong, wrong) for name, value in one.headers.items()]
    with socket.create_connection((host, port), 5) as one:
        head = "\r\n".join(
            [f"POST /v1/webhooks/{vendor} HTTP/1.1", "host: x", f"content-length: {len(sent.body)}", *lines]
        )
        one.sendall(head.encode() + b"\r\n\r\n" + sent.body)
        assert one.recv(1_000).startswith(b"HTTP/1.1 401")
    assert door.state() == "asked"


def test_a_store_that_fails_has_the_vendor_send_it_again(door: Placed, tmp_path: Path) -> None:
    door.open_case()
    sent = webhook("persona", "case-1", "passed")
    door.service.cases.close()
    kept = tmp_path / "cases.db"
    kept.rename(tmp_path / "away")
    kept.mkdir()
    assert door.webhook("persona", sent)[0] == 500 and "webhook" in door.said[-1]
    kept.rmdir()
    (tmp_path / "away").rename(kept)
    assert door.webhook("persona", sent) == (200, "recorded") and door.state() == "passed"


def test_a_huge_webhook_is_turned_away(door: Placed) -> None:
    assert door.ask("outside/v1/webhooks/persona", "POST", b" " * ((1 << 20) + 1))[0] == 413


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    users = (User(sub=WORKER, claims={"email": WORKER, "email_verified": True}),)
    with run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def logins(tmp_path: Path, mock: str) -> Iterator[Placed]:
    issuer = Issuer("here", "generic", "us", "secret", mock, members={"example.com": "Example Ltd"})
    with placed(tmp_path, {"here": issuer}) as one:
        one.clock[0] = time.time()  # which is the mock's clock too
        one.open_case(steps=("organization",))
        yield one


def cookie(headers: dict[str, str]) -> str:
    told = headers["set-cookie"]
    assert told.startswith(f"{COOKIE}=") and {"Secure", "HttpOnly", "SameSite=Lax"} <= set(told.split("; "))
    return told.partition(";")[0]


def query(came: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in came.items())


def test_a_login_passes_the_step(logins: Placed) -> None:
    status, _, headers = logins.ask("outside/v1/organizations/begin?case=case-1")
    assert status == 302
    came = asyncio.run(logged_in(headers["location"], WORKER))
    callback = f"outside/v1/organizations/callback?{query(came)}"
    assert logins.ask(callback)[1]["error"]["code"] == "another_browser", "and the login is spent"
    headers = logins.ask("outside/v1/organizations/begin?case=case-1&issuer=here")[2]
    came = asyncio.run(logged_in(headers["location"], WORKER))
    callback = f"outside/v1/organizations/callback?{query(came)}"
    status, told, after = logins.ask(callback, cookie=f"other=1; {cookie(headers)}")
    assert (status, told) == (200, {"result": "passed"}) and "Max-Age=0" in after["set-cookie"]
    assert logins.state() == "passed"
    (step,) = logins.ask("inside/v1/cases/case-1")[1]["steps"]
    assert ["organization", "Example Ltd"] in step["facts"]
    assert logins.ask(callback, cookie=cookie(headers))[1]["error"]["code"] == "unknown_login"
    assert logins.ask("outside/v1/organizations/begin?case=case-1")[0] == 404, "nothing more is asked of it"


def test_a_login_that_shows_nothing(logins: Placed) -> None:
    headers = logins.ask("outside/v1/organizations/begin?case=case-1")[2]
    came = asyncio.run(logged_in(headers["location"], "somebody@else.example"))
    told = logins.ask(f"outside/v1/organizations/callback?{query(came)}", cookie=cookie(headers))[1]
    assert told == {"result": "failed"} and logins.state() == "failed"
    assert 'stillwatch_verify_organization_logins_total{result="failed"} 1.0' in logins.metrics()


def test_a_login_that_is_broken_off(logins: Placed) -> None:
    logins.service.return_url = "https://provider.example/account?tab=1"
    headers = logins.ask("outside/v1/organizations/begin?case=case-1")[2]
    came = asyncio.run(broken_off(headers["location"]))
    status, _, after = logins.ask(f"outside/v1/organizations/callback?{query(came)}", cookie=cookie(headers))
    assert (status, after["location"]) == (302, "https://provider.example/account?tab=1&result=canceled")
    assert logins.state() == "canceled"


@pytest.mark.parametrize("asked", ["", "?case=", "?case=nobody", "?case=case-1&issuer=nobody"])
def test_a_login_for_nothing_is_not_begun(logins: Placed, asked: str) -> None:
    assert logins.ask(f"outside/v1/organizations/begin{asked}")[0] == 404
    assert logins.ask(f"outside/v1/organizations/callback{asked}")[0] == 400


def test_too_many_fields(logins: Placed) -> None:
    assert logins.ask("outside/v1/organizations/callback?" + "&".join(f"a{n}=1" for n in range(40)))[0] == 400
