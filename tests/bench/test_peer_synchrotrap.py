"""SynchroTrap: who acts from one address within an hour, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest
from peer_logs import exchange, opened

from bench.peers.log import Log
from bench.peers.synchrotrap import PAIRS, synchrotrap

MINUTE, DAY = 60, 86_400  # seconds
DAYS = range(4)


def similar(log: Log) -> list[tuple[str, str, float]]:
    return [(log.accounts[x], log.accounts[y], round(one, 3)) for x, y, one in log.rows(PAIRS)]


@pytest.mark.parametrize(
    ("minutes", "matches"),
    [(0, True), (60, True), (61, False), (-60, True), (-61, False)],  # over a clock hour's end as well
)
def test_pairs_match_within_an_hour_only(tmp_path: Path, minutes: int, matches: bool) -> None:
    noon = [DAY * day + 12 * 60 * MINUTE + 30 * MINUTE for day in DAYS]
    log = opened(tmp_path, [
        *(exchange("a", one, client_ip="192.0.2.1") for one in noon),
        *(exchange("b", one + minutes * MINUTE, client_ip="192.0.2.1") for one in noon),
        *(exchange("c", one, client_ip="192.0.2.2") for one in noon),
    ])  # fmt: skip
    assert similar(log) == ([("a", "b", 1.0)] if matches else [])


def test_similarity_is_the_share_of_what_both_did(tmp_path: Path) -> None:
    together = [exchange(one, DAY * day, client_ip="192.0.2.1") for one in "ab" for day in DAYS]
    alone = [exchange("b", DAY * day, client_ip="192.0.2.7") for day in range(4, 8)]
    repeated = [exchange("a", DAY * day + 5, client_ip="192.0.2.1") for day in DAYS]  # the same hour: one action
    assert similar(opened(tmp_path, together + alone + repeated)) == [("a", "b", 0.5)]


@pytest.mark.parametrize(("common", "pairs"), [(2, 0), (3, 1)])
def test_a_coincidence_is_no_period(tmp_path: Path, common: int, pairs: int) -> None:
    log = opened(tmp_path, [exchange(one, DAY * day, client_ip="192.0.2.1") for one in "ab" for day in range(common)])
    assert len(similar(log)) == pairs


@pytest.mark.parametrize(("accounts", "found"), [(4, 0), (5, 5)])
def test_five_that_move_through_addresses_together_are_a_campaign(tmp_path: Path, accounts: int, found: int) -> None:
    rows = [
        exchange(f"a{number}", DAY * day + 60 * number, client_ip=f"192.0.2.{day}")
        for number in range(accounts) for day in DAYS
    ]  # fmt: skip
    family = [exchange(one, DAY * day + 7_200, client_ip="192.0.2.99") for one in ("f1", "f2") for day in DAYS]
    log = opened(tmp_path, rows + family)
    verdicts = synchrotrap(log)
    assert verdicts.flagged.sum() == found
    assert not verdicts.flagged[[log.accounts.index("f1"), log.accounts.index("f2")]].any()
    assert {name for name in verdicts.campaign if name} == ({"cluster of a0"} if found else set())


@pytest.mark.parametrize(("accounts", "found"), [(200, 200), (201, 0)])
def test_a_gateway_is_skipped(tmp_path: Path, accounts: int, found: int) -> None:
    rows = [exchange(f"a{number}", DAY * day, client_ip="192.0.2.1") for number in range(accounts) for day in range(3)]
    assert synchrotrap(opened(tmp_path, rows)).flagged.sum() == found
