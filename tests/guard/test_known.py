"""What is known: a result folder and side tables, as facts; and the guard that decides by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from guard_here import NOW, policy, rule

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.guard.decision import PASS
from stillwatch.guard.guard import Guard
from stillwatch.guard.indicators import Indicators
from stillwatch.guard.known import Known, known
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.registered import Registered

TODAY = NOW.timestamp()


def registered(*rows: dict[str, Any], organizations: tuple[str, ...] = ()) -> Registered:
    accounts = pa.Table.from_pylist(list(rows), schema=tables.LOG_ACCOUNTS.schema)
    declared = [{"kind": "organization", "id": one} for one in organizations] + [{"kind": "reseller", "id": "r"}]
    return Registered.of(accounts, pa.Table.from_pylist(declared, schema=tables.LOG_DECLARED.schema), NOW)


def test_what_an_account_registered_with() -> None:
    week = {"account_id": "a", "organization_id": "o", "pathway": "education", "created_at": NOW - timedelta(days=7)}
    found = registered(week, {"account_id": "b"}, organizations=("o",))
    assert found.facts("a", "", TODAY) == {
        "account.pathway": "education", "account.verification": "", "account.age_days": pytest.approx(7.0),
        "organization.id": "o", "organization.declared": True,
    }  # fmt: skip
    assert found.facts("b", "r", TODAY)["organization.declared"] is False, "a reseller's declaration is another"
    assert str(found.facts("b", "", TODAY)["account.age_days"]) == "nan" and "organization.id" not in found.facts(
        "b", "", TODAY
    )
    assert found.facts("nobody", "", TODAY) == Registered.nothing().facts("a", "", TODAY) == {}


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ({"type": "ipv4-addr", "value": "203.0.113.9"}, True),
        ({"type": "ipv6-addr", "value": "2001:DB8:0::1"}, True),
        ({"type": "tls", "value": "t13d"}, True),
        ({"type": "ipv4-addr", "value": "203.0.113.8"}, False),
        ({"type": "domain-name", "value": "203.0.113.9"}, False),
        ({"type": "ipv4-addr", "value": "203.0.113.9", "valid_until": NOW}, False),
        ({"type": "ipv4-addr", "value": "203.0.113.9", "valid_from": NOW + timedelta(days=1)}, False),
    ],
)
def test_indicators_of_others(row: dict[str, Any], fits: bool) -> None:
    shared = pa.Table.from_pylist([{"actor": "somebody", **row}], schema=tables.LOG_INDICATORS.schema)
    held = Indicators.of(shared, NOW)
    found = {*held.of_client("203.0.113.9", "t13d"), *held.of_client("2001:db8::1", "")}
    assert found == ({"somebody"} if fits else set())


def test_every_one_of_many_is_found() -> None:
    found = registered(*({"account_id": f"acct_{n}", "pathway": f"p{n % 7}"} for n in range(5_000)))
    assert all(found.facts(f"acct_{n}", "", TODAY)["account.pathway"] == f"p{n % 7}" for n in range(5_000))
    assert found.facts("acct_5000", "", TODAY) == {}


def test_a_result_as_facts(ring: Any) -> None:
    found = known(ring.out, Registered.nothing(), Config())
    (campaign,) = ring.outcome.report.campaigns
    member = next(iter(found.found_at))
    facts = found.of(member)
    assert (facts["account.verdict"], facts["campaign.id"]) == ("campaign", campaign.campaign_id)
    assert facts["campaign.accounts"] == campaign.accounts == len(found.found_at)
    assert facts["campaign.fraud"] == campaign.findings["fraud"].score
    assert facts["campaign.alarmed"] is False, (
        "a dozen accounts without a false registration: enough to look, not to act"
    )
    assert found.of("nobody") == {} and datetime.fromisoformat(found.at).tzinfo == UTC


def test_no_result_and_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="no result to decide by"):
        known(tmp_path, Registered.nothing(), Config())
    (tmp_path / "campaigns.json").write_text("{")
    with pytest.raises(BadConfiguration, match="result not readable"):
        known(tmp_path, Registered.nothing(), Config())


def accused(*accounts: str) -> Known:
    standing = {one: {"account.verdict": "campaign", "campaign.id": "C-1"} for one in accounts}
    return Known(NOW.isoformat(), standing, dict.fromkeys(accounts, TODAY - 9 * 86_400), Registered.nothing())


def guard(folder: Path, *rules: dict[str, Any], backtested: bool = True, **found: Any) -> Guard:
    made = policy(folder, *rules)
    passed = {
        one.fingerprint(): Receipt(one.id, one.fingerprint(), NOW, NOW, NOW, 0, 0, 0)
        for one in made.rules
        if backtested
    }
    return Guard(made, passed, found.get("known", accused("a", "b")), b"secret", TODAY)


def test_a_guard_decides_and_counts(tmp_path: Path) -> None:
    one = guard(tmp_path, rule())
    first, second = one.decide({}, "a", "", TODAY), one.decide({}, "a", "", TODAY)
    assert first.answer and first.id.startswith("D-") and first.id != second.id
    assert one.decide({}, "stranger", "", TODAY) == one.decide({}, "", "", TODAY) == PASS
    assert one.counts == {"refuse": 2, "passed": 2}


def test_a_live_rule_without_a_backtest_is_a_shadow(tmp_path: Path) -> None:
    one = guard(tmp_path, rule(), backtested=False)
    assert one.objections == {"stop": "no backtest of it as it stands"}
    assert one.decide({}, "a", "", TODAY).shadow == ("stop",)


def test_a_newer_look_is_decided_by_and_may_stop_a_rule(tmp_path: Path) -> None:
    one = guard(tmp_path, rule())
    assert one.decide({}, "a", "", TODAY).answer
    one.look(accused("b"))
    assert one.decide({}, "a", "", TODAY) == PASS
    assert one.decide({}, "b", "", TODAY).shadow == ("stop",), "it had hit one who turned out to be honest"
    assert one.counts["rules stopped"] == 1


def test_whatever_fails_lets_the_request_pass_and_is_counted(tmp_path: Path) -> None:
    one = guard(tmp_path, rule(when='account.verdict == "campaign" && request.model.startsWith("large")'))
    assert one.decide({"request.model": "large-1"}, "a", "", TODAY).answer
    assert one.decide({"request.model": object()}, "a", "", TODAY) == PASS
    one.known = None  # type: ignore[assignment]
    assert one.decide({}, "a", "", TODAY) == PASS
    assert one.counts["failed: AttributeError"] == 1
