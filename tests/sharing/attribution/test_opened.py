"""From a real scan: the assessment reads a result folder and leaves every byte of it, and of what it says, as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def result(ring: Any) -> Path:
    """A scan of a story with a ring in it."""
    return Path(ring.out)


@pytest.fixture
def campaign(result: Path) -> str:
    return str(json.loads((result / "campaigns.json").read_bytes())["campaigns"][0]["campaign_id"])


@pytest.fixture
def actors(ring: Any, result: Path, campaign: str, tmp_path: Path) -> Path:
    """A library in which gull has what the ring's accounts registered with, and heron what an outsider did."""
    log = {row["account_id"]: row for row in pq.read_table(ring.log / "accounts.parquet").to_pylist()}
    standing = pq.read_table(result / "accounts.parquet").to_pylist()
    inside = [log[row["account_id"]] for row in standing if row["campaign_id"] == campaign]
    outside = next(log[row["account_id"]] for row in standing if row["campaign_id"] is None)
    lines = [
        '[[actors]]\nid = "gull"\nname = "Gull Works"\nsource = "casework"\ngrade = "B2"\n',
        'reviewed = 2026-01-01\nsought = ["reasoning"]\n',
    ]
    for source, row in zip(("casework", "partner", "list"), inside[:3], strict=True):
        for kind, column in (("payment", "payment_fingerprint"), ("device", "device_fingerprint")):
            lines.append(f'[[actors.indicators]]\ntype = "{kind}"\nvalue = "{row[column]}"\nsource = "{source}"\n')
    lines.append('[[actors]]\nid = "heron"\nname = "Heron Labs"\nsource = "list"\ngrade = "C3"\n')
    lines.append(f'[[actors.indicators]]\ntype = "payment"\nvalue = "{outside["payment_fingerprint"]}"\n')
    lines.append('[[actors]]\nid = "tern"\nname = "Tern"\nsource = "list"\ngrade = "C3"\ncountry = "X"\n')
    path = tmp_path / "actors.toml"
    path.write_text("".join(lines))
    return path


def hashes(folder: Path) -> dict[str, str]:
    found = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def test_who_may_be_behind_it_is_told_by_ids_and_a_name_needs_two_and_the_result_stays_as_it_was(
    stillwatch: Run, result: Path, campaign: str, actors: Path, tmp_path: Path
) -> None:
    before = hashes(result)
    code, out, err = stillwatch("share", "attribute", result, "--campaign", campaign, "--actors", actors, "--json")
    assert code == 13 and "actors[2]: where somebody comes from" in err
    told = json.loads(out)
    of = {one["hypothesis"]: one["estimate"] for one in told["hypotheses"]}
    assert told["hypotheses"][0]["hypothesis"] == "gull" and of["gull"] > 0.55 > 0.2 > of["heron"]
    assert "Gull Works" not in out and "Heron" not in out
    saved, state = tmp_path / "assessment.json", tmp_path / "names.jsonl"
    saved.write_text(out)
    words = ["share", "name", campaign, "gull", "--reason", "cards", "--assessment", saved, "--state", state]
    assert stillwatch(*words, "--who", "ann", "--actors", actors)[0] == 0
    assert "a second person" in stillwatch(*words, "--who", "Ann", "--confirm")[2]
    code, out, _ = stillwatch(*words, "--who", "bob", "--confirm", "--json")
    assert code == 0 and json.loads(out)["named"]["name"] == "Gull Works"
    assert hashes(result) == before
    assert (
        stillwatch("share", "name", campaign, "gull", "--who", "cid", "--reason", "no", "--undo", "--state", state)[0]
        == 0
    )


def test_on_a_terminal_likelihood_and_confidence_stand_apart(
    stillwatch: Run, result: Path, campaign: str, actors: Path
) -> None:
    _, out, _ = stillwatch("share", "attribute", result, "--campaign", campaign, "--actors", actors)
    said = [line.strip() for line in out.splitlines()]
    assert [line for line in said if "gull is behind it" in line and line.startswith("It is")]
    assert [line for line in said if line.startswith("Confidence in this assessment is")]
    assert not [line for line in said if "Confidence" in line and "likely" in line]
    assert [
        line for line in said if line.startswith("Timing says nothing of") or line.startswith("What would change it")
    ]


def test_a_campaign_that_is_not_there_or_a_missing_key_is_an_error(
    stillwatch: Run, result: Path, campaign: str, actors: Path, tmp_path: Path
) -> None:
    code, _, err = stillwatch("share", "attribute", result, "--campaign", "C-none", "--actors", actors)
    assert code == 10 and campaign in err
    where = tmp_path / "no.key"
    code, _, err = stillwatch("share", "attribute", result, "--campaign", campaign, "--actors", actors, "--key", where)
    assert code == 12 and not where.exists()


def test_nothing_that_scores_judges_or_responds_knows_of_attribution() -> None:
    above = ("sharing", "cli")
    others = [
        path
        for path in (ROOT / "stillwatch").rglob("*.py")
        if path.relative_to(ROOT / "stillwatch").parts[0] not in above
    ]
    assert len(others) > 300
    assert [path for path in others if "sharing.attribution" in path.read_text(encoding="utf-8")] == []
