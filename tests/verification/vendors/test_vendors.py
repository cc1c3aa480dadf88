"""What holds for every vendor: what is signed and fresh is read, and nothing else is, whatever is sent."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.verification.outcome import STATES, STEPS
from stillwatch.verification.vendors import ALL, Forged, NotUnderstood, Refused, Stale
from stillwatch.verification.vendors.vendor import MOST_BYTES
from tests.verification.vendors.signing import NOW, REASONS, SECRETS, Sent, event, signed, webhook

VENDORS = {one.name: one for one in ALL}
named = pytest.mark.parametrize("vendor", VENDORS)
SIGNS_THE_TIME = ("stripe_identity", "persona", "standard_webhooks")  # of sending; others sign the event's alone
LONGEST = {"sumsub": 172_800, "onfido": 604_800}  # seconds for which these send the same bytes again


def read(vendor: str, sent: Sent, *secrets: str | bytes, now: float = NOW) -> list[object]:
    return VENDORS[vendor].read(sent.headers, sent.body, secrets or (SECRETS[vendor],), now)  # type: ignore[return-value]


def test_each_has_a_name_of_its_own_and_a_case_here() -> None:
    assert len(VENDORS) == len(ALL) and set(VENDORS) == set(SECRETS)


@named
@pytest.mark.parametrize("state", ["started", "pending", "passed", "failed"])
def test_a_state_is_read(vendor: str, state: str) -> None:
    (outcome,) = VENDORS[vendor].read(*_parts(webhook(vendor, "case-1", state)), [SECRETS[vendor]], NOW)
    assert (outcome.vendor, outcome.case, outcome.step, outcome.state) == (vendor, "case-1", "identity", state)
    assert outcome.at == NOW and outcome.event_id and outcome.session
    assert outcome.reason == (REASONS[vendor] if state == "failed" else "")
    assert outcome.step in STEPS and outcome.state in STATES


def _parts(sent: Sent) -> tuple[dict[str, str], bytes]:
    return sent.headers, sent.body


@named
def test_what_is_changed_is_forged(vendor: str) -> None:
    sent = webhook(vendor, "case-1", "failed")
    changed = [
        Sent(sent.headers, sent.body.replace(b"case-1", b"case-2")),
        Sent(sent.headers, sent.body + b" "),
        Sent(sent.headers, sent.body[:-1]),
        Sent(sent.headers, b""),
        Sent({}, sent.body),
        *(Sent({k: v for k, v in sent.headers.items() if k != name}, sent.body) for name in sent.headers),
        *(Sent({**sent.headers, name: f"{value[:-4]}0000"}, sent.body) for name, value in sent.headers.items()),
        *(Sent({**sent.headers, name: ""}, sent.body) for name in sent.headers),
        *(Sent({**sent.headers, name.upper(): value, name.lower(): value}, sent.body)
          for name, value in sent.headers.items()),
    ]  # fmt: skip
    for one in changed:
        with pytest.raises(Forged):
            read(vendor, one)


@named
def test_no_secret_and_an_empty_one_open_nothing(vendor: str) -> None:
    sent = webhook(vendor, "case-1", "passed")
    for secrets in ((), ("",), (b"",), ("another",), ("", "whsec_")):
        with pytest.raises(Forged):
            VENDORS[vendor].read(sent.headers, sent.body, secrets, NOW)
    unkeyed = signed(vendor, sent.body, NOW, key=b"")  # which everybody can make
    for secrets in (("whsec_", ""), ("",), (b"",)):
        with pytest.raises(Forged):
            VENDORS[vendor].read(unkeyed.headers, unkeyed.body, secrets, NOW)


@named
def test_any_secret_will_do_while_one_is_replaced(vendor: str) -> None:
    fresh = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"
    for secret in (SECRETS[vendor], fresh):
        assert read(vendor, webhook(vendor, "case-1", "passed", secret=secret), SECRETS[vendor], fresh)


@named
def test_names_of_headers_are_of_any_case(vendor: str) -> None:
    sent = webhook(vendor, "case-1", "passed")
    for turned in (str.upper, str.lower, str.title):
        assert read(vendor, Sent({turned(name): value for name, value in sent.headers.items()}, sent.body))


@named
def test_what_was_signed_too_long_ago_is_stale(vendor: str) -> None:
    longest = LONGEST.get(vendor, 300)
    assert read(vendor, webhook(vendor, "case-1", "passed", at=NOW - longest + 1))
    with pytest.raises(Stale):
        read(vendor, webhook(vendor, "case-1", "passed", at=NOW - longest - 1))


@pytest.mark.parametrize("vendor", SIGNS_THE_TIME)
def test_what_was_signed_in_the_future_is_stale_as_well(vendor: str) -> None:
    assert read(vendor, webhook(vendor, "case-1", "passed", at=NOW + 299))
    with pytest.raises(Stale):
        read(vendor, webhook(vendor, "case-1", "passed", at=NOW + 301))


@pytest.mark.parametrize("vendor", SIGNS_THE_TIME)
def test_old_news_may_be_sent_now_but_an_old_signature_may_not(vendor: str) -> None:
    """Vendors sign again whenever they send again: news of yesterday comes with a signature of today."""
    body = json.dumps(event(vendor, "case-1", "passed", NOW - 86_400)).encode()
    (outcome,) = VENDORS[vendor].read(*_parts(signed(vendor, body, NOW)), [SECRETS[vendor]], NOW)
    assert outcome.at == NOW - 86_400
    with pytest.raises(Stale):
        read(vendor, signed(vendor, body, NOW - 86_400))


@named
def test_who_cannot_sign_is_not_told_that_it_is_late(vendor: str) -> None:
    with pytest.raises(Forged):
        read(vendor, webhook(vendor, "case-1", "passed", at=NOW - 10_000_000, secret="whsec_AAAA"))


@named
def test_a_clock_that_runs_ahead_does_not_shut_out_later_news(vendor: str) -> None:
    body = json.dumps(event(vendor, "case-1", "passed", NOW + 10_000_000)).encode()
    (outcome,) = VENDORS[vendor].read(*_parts(signed(vendor, body, NOW)), [SECRETS[vendor]], NOW)
    assert outcome.at == NOW


@named
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"1", b"{", b"\xff", b"[" * 100_000, b"{}", b'{"type":1}', b'{"data":[]}', b'{"payload":0}',
     b'{"type":"identity.verification_session.verified","object":"event"}', b'{"type":"applicantReviewed"}',
     b'{"data":{"type":"event","attributes":{"name":"inquiry.approved","payload":1}}}',
     b'{"type":"verification.step","timestamp":"x","data":{"step":"identity","state":"passed"}}',
     b'{"payload":{"resource_type":"workflow_run","action":"a","object":{"status":"new"},"resource":{}}}'],
)  # fmt: skip
def test_another_form_is_not_understood(vendor: str, body: bytes) -> None:
    try:
        assert read(vendor, signed(vendor, body, NOW)) == []
    except Refused as problem:
        assert isinstance(problem, NotUnderstood)


@named
def test_a_huge_body_is_not_hashed(vendor: str) -> None:
    with pytest.raises(Forged, match="more than"):
        read(vendor, signed(vendor, b"{}" + b" " * MOST_BYTES, NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@named
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_headers_and_bodies_of_any_kind_raise_nothing_else(vendor: str, data: st.DataObject) -> None:
    sent = webhook(vendor, "case-1", "failed")
    any_text = st.text(max_size=30) | st.sampled_from([*sent.headers.values(), "t=,v1=", "v1,", "t=9" * 9, "v1,é"])
    headers = data.draw(st.dictionaries(st.sampled_from([*sent.headers, "x"]), any_text))
    body = data.draw(st.binary(max_size=40) | st.just(sent.body))
    with contextlib.suppress(Refused):
        VENDORS[vendor].read(headers, body, [SECRETS[vendor], ""], NOW)


@named
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_signed_documents_of_any_kind_raise_nothing_else(vendor: str, data: st.DataObject) -> None:
    """A documented event in which one value, at any depth, is another."""
    document = event(vendor, "case-1", "failed", NOW)
    place = document
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    sent = signed(vendor, json.dumps(document).encode(), NOW)
    try:
        outcomes = VENDORS[vendor].read(sent.headers, sent.body, [SECRETS[vendor]], NOW)
    except Refused as problem:
        assert not isinstance(problem, Forged)
        return
    for one in outcomes:
        assert 0 <= one.at <= NOW and one.step in STEPS and one.state in STATES and one.event_id
        assert all(
            text.isprintable() and len(text) <= 255 for text in (one.event_id, one.case, one.session, one.reason)
        )
