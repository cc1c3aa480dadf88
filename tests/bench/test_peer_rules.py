"""The SQL rules at the edge of their thresholds."""

from __future__ import annotations

from pathlib import Path

import pytest
from peer_logs import exchange, opened

from bench.peers.log import Log
from bench.peers.rules import components, crowded_address, union, volume

DAY = 86_400  # seconds


def flagged(log: Log, found: object) -> set[str]:
    return {name for name, is_flagged in zip(log.accounts, found.flagged, strict=True) if is_flagged}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("accounts", "crowded"), [(19, False), (20, True)])
def test_an_address_is_crowded_from_20_accounts_on(tmp_path: Path, accounts: int, crowded: bool) -> None:
    used = [exchange(f"a{number}", number * DAY, client_ip="192.0.2.1") for number in range(accounts)]
    log = opened(tmp_path, [*used, exchange("a0", 9, client_ip="192.0.2.9"), exchange("other", client_ip="192.0.2.9")])
    found = crowded_address(log)
    assert flagged(log, found) == ({f"a{number}" for number in range(accounts)} if crowded else set())
    assert (found.score[log.accounts.index("a0")] >= 0.5) == crowded
    assert found.campaign[log.accounts.index("a0")] == ("address 192.0.2.1" if crowded else None)


@pytest.mark.parametrize(
    ("seconds", "high"),
    [
        ([0] * 999, False),
        ([0] * 1_000, True),
        ([DAY - 1] * 500 + [DAY] * 500, False),  # a thousand within two seconds, but on two days
    ],
)
def test_volume_counts_days(tmp_path: Path, seconds: list[int], high: bool) -> None:
    log = opened(tmp_path, [exchange("busy", one) for one in seconds])
    assert (flagged(log, volume(log)) == {"busy"}) == high


def test_components_join_through_any_value_and_five_are_enough(tmp_path: Path) -> None:
    exchanges = [
        exchange("a1", client_ip="192.0.2.1"),
        exchange("a2", client_ip="192.0.2.1", system="You grade answers."),
        exchange("a3", system="You grade answers."),
        exchange("b1", client_ip="192.0.2.2", system=""),
        exchange("b2", client_ip="192.0.2.2", system=""),
        exchange("c1", client_ip="192.0.2.3", system=""),  # an empty system prompt joins nobody
        exchange("c2", client_ip="192.0.2.3"),
    ]
    cards = {"a3": "p1", "a4": "p1", "a5": "p1", "b1": "p2", "b3": "p2", "b4": "p2"}
    log = opened(tmp_path, exchanges, [{"account_id": one, "payment_fingerprint": card} for one, card in cards.items()])
    found = components(log)
    assert flagged(log, found) == {"a1", "a2", "a3", "a4", "a5"}
    assert {found.campaign[log.accounts.index(one)] for one in ("a1", "a5")} == {"component of a1"}


def test_the_union_flags_whom_any_rule_flags(tmp_path: Path) -> None:
    crowd = [exchange(f"a{number}", client_ip="192.0.2.1") for number in range(20)]
    log = opened(tmp_path, [*crowd, *[exchange("busy")] * 1_000, exchange("quiet")])
    assert flagged(log, union(log)) == {f"a{number}" for number in range(20)} | {"busy"}
