"""What vendors publish: their examples are read, and their libraries and ours take what the other signs."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
import standardwebhooks
import stripe

from stillwatch.verification.vendors import ALL, Forged, NotUnderstood, Stale
from stillwatch.verification.vendors.persona import Persona
from tests.verification.vendors.signing import SECRETS, Sent, event, iso, signed, webhook

VENDORS = {one.name: one for one in ALL}


def read(vendor: str, sent: Sent, now: float, secret: str = "") -> list[object]:
    return VENDORS[vendor].read(sent.headers, sent.body, [secret or SECRETS[vendor]], now)  # type: ignore[return-value]


def test_standard_webhooks_vector() -> None:
    """libraries/*/tests of github.com/standard-webhooks/standard-webhooks: secret, id, time, body and signature."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }  # fmt: skip
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with pytest.raises(NotUnderstood):  # the signature holds; the body is no news of a step
        read("standard_webhooks", Sent(headers, b'{"test": 2432232314}'), 1_614_265_330.0, secret)
    with pytest.raises(Forged):
        read("standard_webhooks", Sent(headers, b'{"test": 2432232315}'), 1_614_265_330.0, secret)


def test_onfido_vector() -> None:
    """tests/test_classic_webhook_event_verification.py of github.com/onfido/onfido-python. A check decides nothing here."""
    body = (
        b'{"payload":{"resource_type":"check","action":"check.completed","object":{"id":"f2302f45-227d-413d-ad61-09ec077a086a",'
        b'"status":"complete","completed_at_iso8601":"2024-04-04T09:21:21Z",'
        b'"href":"https://api.onfido.com/v3.6/checks/f2302f45-227d-413d-ad61-09ec077a086a"}}}'
    )
    good, bad = ("77ebc3e418f26be6eebb47f7ebe551321de26734fc273961e075fc9ab163d9c" + end for end in "78")
    token = "wU99mE6jJ7nXOLFwZ0tJymM1lpI15pZh"
    assert read("onfido", Sent({"X-SHA2-Signature": good}, body), 1_712_222_500.0, token) == []
    with pytest.raises(Forged):
        read("onfido", Sent({"X-SHA2-Signature": bad}, body), 1_712_222_500.0, token)


def test_persona_example() -> None:
    """docs.withpersona.com/webhooks, "Example event from webhook": the parts that are read."""
    body = json.dumps({"data": {
        "type": "event", "id": "evt_XGuYWp7WuDzNxie5z16s7sGJ",
        "attributes": {
            "name": "inquiry.approved",
            "payload": {"data": {"type": "inquiry", "id": "inq_2CVZ4HyVg7qaboXz2PUHknAn",
                                 "attributes": {"status": "approved", "reference-id": None}}},
            "created-at": "2019-09-09T22:46:27.598Z",
        },
    }}).encode()  # fmt: skip
    at = datetime(2019, 9, 9, 22, 46, 27, 598_000, UTC).timestamp()
    (outcome,) = VENDORS["persona"].read(signed("persona", body, at).headers, body, [SECRETS["persona"]], at)
    assert (outcome.event_id, outcome.session) == ("evt_XGuYWp7WuDzNxie5z16s7sGJ", "inq_2CVZ4HyVg7qaboXz2PUHknAn")
    assert (outcome.case, outcome.state, outcome.at) == ("", "passed", at)


def test_sumsub_example() -> None:
    """docs.sumsub.com/docs/user-verification-webhooks, applicantReviewed with a final rejection."""
    body = json.dumps({
        "applicantId": "5cb744200a975a67ed1798a4", "externalUserId": "externalUserId", "levelName": "basic-kyc-level",
        "type": "applicantReviewed", "reviewStatus": "completed", "createdAtMs": "2020-02-21 13:23:19.001",
        "reviewResult": {"reviewAnswer": "RED", "reviewRejectType": "FINAL",
                         "rejectLabels": ["UNSATISFACTORY_PHOTOS", "GRAPHIC_EDITOR", "FORGERY"]},
    }).encode()  # fmt: skip
    at = datetime(2020, 2, 21, 13, 23, 19, 1_000, UTC).timestamp()
    sent = signed("sumsub", body, at)
    (outcome,) = VENDORS["sumsub"].read(sent.headers, body, [SECRETS["sumsub"]], at + 86_400)
    assert (outcome.case, outcome.state, outcome.at) == ("externalUserId", "failed", at)
    assert outcome.reason == "UNSATISFACTORY_PHOTOS,GRAPHIC_EDITOR,FORGERY"


def test_stripe_reads_what_is_signed_here_and_signs_what_is_read_here() -> None:
    now = time.time()
    sent = webhook("stripe_identity", "case-1", "passed", at=now)
    secret = SECRETS["stripe_identity"]
    assert stripe.Webhook.construct_event(sent.body, sent.headers["Stripe-Signature"], secret).id == "evt_1"
    for tolerated in (now, now - 150, now - 450):  # far from the limit: the library reads a clock of its own
        header = stripe.WebhookSignature.generate_signature_header(sent.body.decode(), secret, int(tolerated))
        theirs = _says(lambda header=header: stripe.WebhookSignature.verify_header(sent.body, header, secret, 300))
        ours = _says(lambda header=header: read("stripe_identity", Sent({"stripe-signature": header}, sent.body), now))
        assert theirs == ours == (tolerated > now - 300)


@pytest.mark.parametrize(
    "header",
    ["i'm not even a real signature header", "t={t},v0={v}", "t={t},v1=bad_signature", "t={t},v1={v},v1=bad_signature",
     "t={t},v1=bad_signature,v1={v}", "v1={v},t={t}", "t=,v1={v}", "v1={v}", "t={t}", "t={t},v0=x,v1={v}"],
)  # fmt: skip
def test_stripe_and_ours_agree_on_headers(header: str) -> None:
    """The first four stand in tests/test_webhook.py of github.com/stripe/stripe-python."""
    now = time.time()
    sent = webhook("stripe_identity", "case-1", "passed", at=now)
    at, value = (one.partition("=")[2] for one in sent.headers["Stripe-Signature"].split(","))
    made, secret = header.format(t=at, v=value), SECRETS["stripe_identity"]
    theirs = _says(lambda: stripe.WebhookSignature.verify_header(sent.body, made, secret, 300))
    assert theirs == _says(lambda: read("stripe_identity", Sent({"Stripe-Signature": made}, sent.body), now))


def test_two_times_are_none() -> None:
    """A header that a proxy joined from two: Stripe's library takes the first time, which need not be the one that is meant."""
    sent = webhook("stripe_identity", "case-1", "passed", at=1e9)
    joined = f"{sent.headers['Stripe-Signature']}, {sent.headers['Stripe-Signature']}"
    with pytest.raises(Forged, match="several"):
        read("stripe_identity", Sent({"Stripe-Signature": joined}, sent.body), 1e9)


def test_stripes_other_events_are_no_news() -> None:
    """DUMMY_WEBHOOK_PAYLOAD of stripe-python's tests has no type; a reader's event has one, and is of something else."""
    dummy = b'{"id":"evt_test_webhook","object":"event","data":{"object":{"id":"rdr_123","object":"terminal.reader"}}}'
    with pytest.raises(NotUnderstood):
        read("stripe_identity", signed("stripe_identity", dummy, 1e9), 1e9)
    for kind in (
        "payment_intent.succeeded",
        "identity.verification_session.redacted",
        "identity.verification_report.verified",
    ):
        body = json.dumps({**event("stripe_identity", "c", "passed", 1e9), "type": kind}).encode()
        assert read("stripe_identity", signed("stripe_identity", body, 1e9), 1e9) == []


def test_stripe_metadata_counts_before_the_reference_which_others_use() -> None:
    told = event("stripe_identity", "customer-7", "passed", 1e9)
    told["data"]["object"]["metadata"] = {"stillwatch_case": "case-1"}
    body = json.dumps(told).encode()
    (outcome,) = VENDORS["stripe_identity"].read(
        signed("stripe_identity", body, 1e9).headers, body, [SECRETS["stripe_identity"]], 1e9
    )
    assert outcome.case == "case-1"


def test_standard_webhooks_reads_what_is_signed_here_and_signs_what_is_read_here() -> None:
    now = time.time()
    secret = SECRETS["standard_webhooks"]
    peer = standardwebhooks.Webhook(secret)
    sent = webhook("standard_webhooks", "case-1", "passed", at=now)
    assert peer.verify(sent.body, sent.headers)["data"]["case"] == "case-1"
    for at in (
        now,
        now - 150,
        now + 150,
        now - 450,
        now + 450,
    ):  # far from the limit: the peer reads a clock of its own
        whole = datetime.fromtimestamp(int(at), UTC)
        made = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at)),
                "webhook-signature": peer.sign("msg_1", whole, sent.body.decode())}  # fmt: skip
        theirs = _says(lambda made=made: peer.verify(sent.body, made))
        assert theirs == _says(lambda made=made: read("standard_webhooks", Sent(made, sent.body), now))
        assert theirs == (abs(at - now) < 300)


def test_several_signatures_of_the_standard() -> None:
    """Each of several will do, those of other versions are passed over (specification, "Signature scheme")."""
    sent = webhook("standard_webhooks", "case-1", "passed", at=1e9)
    good = sent.headers["webhook-signature"]
    for given in (f"v1,AAAA {good}", f"{good} v1,AAAA", f"v1a,AAAA {good}", f"v2,x {good}"):
        assert read("standard_webhooks", Sent({**sent.headers, "webhook-signature": given}, sent.body), 1e9)
    for given in (good.replace("v1,", "v1a,"), good.replace("v1,", ""), "v1,", good.replace(" ", "")[:-8]):
        with pytest.raises(Forged):
            read("standard_webhooks", Sent({**sent.headers, "webhook-signature": given}, sent.body), 1e9)


def test_facts_of_the_standard() -> None:
    told = event("standard_webhooks", "case-1", "passed", 1e9)
    told["data"] |= {"step": "organization", "facts": {"organization": "example.com"}}
    body = json.dumps(told).encode()
    sent = signed("standard_webhooks", body, 1e9)
    (outcome,) = VENDORS["standard_webhooks"].read(sent.headers, body, [SECRETS["standard_webhooks"]], 1e9)
    assert outcome.facts == (("organization", "example.com"),) and told["timestamp"] == iso(1e9)


def test_persona_signs_twice_while_a_secret_is_replaced() -> None:
    """docs.withpersona.com/webhook-best-practices: two pairs, a space between."""
    body = webhook("persona", "case-1", "passed", at=1e9).body
    old, new = (signed("persona", body, 1e9, secret=one).headers["Persona-Signature"] for one in ("old", "new"))
    for given in (f"{old} {new}", f"{new} {old}", new):
        assert read("persona", Sent({"Persona-Signature": given}, body), 1e9, "new")
    with pytest.raises(Forged):
        read("persona", Sent({"Persona-Signature": old}, body), 1e9, "new")
    for given in (f"t=1000000000,v1=AAAA {_late(body)}", f"{_late(body)} t=1000000000,v1=AAAA"):  # its time is nobody's
        with pytest.raises(Stale):
            read("persona", Sent({"Persona-Signature": given}, body), 1e9, "new")


def test_an_inquiry_that_is_completed_waits_unless_the_provider_says_otherwise() -> None:
    told = event("persona", "case-1", "passed", 1e9)
    told["data"]["attributes"]["name"] = "inquiry.completed"
    body = json.dumps(told).encode()
    for vendor, state in ((Persona(), "pending"), (Persona(completed="passed"), "passed")):
        sent = signed("persona", body, 1e9)
        (outcome,) = vendor.read(sent.headers, body, [SECRETS["persona"]], 1e9)
        assert outcome.state == state


@pytest.mark.parametrize("algorithm", ["HMAC_SHA1_HEX", "HMAC_MD5_HEX", "none", "hmac_sha256_hex"])
def test_sumsub_may_not_name_a_weaker_algorithm(algorithm: str) -> None:
    sent = webhook("sumsub", "case-1", "passed", at=1e9)
    with pytest.raises(Forged):
        read("sumsub", Sent({**sent.headers, "X-Payload-Digest-Alg": algorithm}, sent.body), 1e9)


def _late(body: bytes) -> str:
    return signed("persona", body, 1e9 - 1_000, secret="new").headers["Persona-Signature"]


def _says(check: object) -> bool:
    """Whether it takes it."""
    try:
        check()  # type: ignore[operator]
    except Exception:
        return False
    return True
