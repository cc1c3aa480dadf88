"""Rows of the accounts table as sign-ups are told in it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead
from stillwatch.verification.register import account_rows

COLUMNS = ("account_id", "email_domain_since", "signup_country")


def rows(folder: Path, *told: dict[str, Any]) -> tuple[list[dict[str, Any]], Counter[str]]:
    (folder / "accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told))
    aside: Counter[str] = Counter()
    return list(account_rows(folder, COLUMNS, Reading(), datetime(2026, 2, 1, tzinfo=UTC), aside)), aside


def test_each_account_once_and_columns_that_are_missing_are_empty(tmp_path: Path) -> None:
    found, aside = rows(tmp_path, {"account_id": "a"}, {"account_id": "a"}, {"account_id": "b", "signup_country": "DE"})
    assert [tuple(one.values()) for one in found] == [("a", None, None), ("b", None, "DE")]
    assert aside.total() == 1 and "duplicate" in next(iter(aside))


@pytest.mark.parametrize("since, kept", [("1985-05-23T00:00:00Z", True), ("1970-01-21T00:00:00Z", False)])
def test_old_domains_are_older_than_any_account_and_a_clock_in_the_wrong_unit_is_neither(
    tmp_path: Path, since: str, kept: bool
) -> None:
    found, aside = rows(tmp_path, {"account_id": "a", "email_domain_since": since})
    assert len(found) == kept and aside.total() == (not kept)


def test_a_log_without_accounts_is_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NothingToRead, match="no table of accounts"):
            list(account_rows(folder, COLUMNS, Reading(), datetime(2026, 2, 1, tzinfo=UTC), Counter()))
