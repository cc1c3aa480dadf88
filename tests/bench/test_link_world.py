"""The world of accounts: rings that share cards and devices, and crowds of up to a tenth of everybody."""

from __future__ import annotations

from collections import Counter

import pyarrow.parquet as pq
import pytest

from bench.link_world import CARDS, CROWD, DEVICES, RING, RINGED, made

ACCOUNTS = 20_000


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    log = tmp_path_factory.mktemp("worlds") / "log"
    made(log, ACCOUNTS, seed=3)
    found: list[dict[str, str]] = pq.read_table(log / "accounts.parquet").to_pylist()
    return found


def test_a_ring_pays_with_its_cards_on_its_devices(rows: list[dict[str, str]]) -> None:
    for start in range(0, int(ACCOUNTS * RINGED), RING):
        ring = rows[start : start + RING]
        cards, devices = (
            Counter(row[column] for row in ring) for column in ("payment_fingerprint", "device_fingerprint")
        )
        assert (len(cards), len(devices)) == (CARDS, DEVICES) and max(cards.values()) == RING // CARDS
        others = {row["payment_fingerprint"] for row in rows if row not in ring}
        assert not others & set(cards)


@pytest.mark.parametrize("column", ["payment_fingerprint", "device_fingerprint", "phone", "signup_ip"])
def test_the_commonest_value_is_a_tenths_and_most_are_somebodys_own(rows: list[dict[str, str]], column: str) -> None:
    holders = Counter(row[column] for row in rows[int(ACCOUNTS * RINGED) :])
    assert max(holders.values()) == pytest.approx(CROWD * ACCOUNTS, rel=0.05)
    assert sum(count == 1 for count in holders.values()) > ACCOUNTS / 2
