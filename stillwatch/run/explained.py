"""What `explain` shows, read from a result folder; and the queries of the reasons, run again on request."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb

from stillwatch.errors import NothingToRead
from stillwatch.evidence import Campaign
from stillwatch.render.json import read_campaigns

_COMPARED = (
    "exchanges", "days", "duty_cycle", "quiet_hours", "burstiness", "day_one_share", "one_shot", "novelty",
    "template_share", "focus", "chain_of_thought", "rubric_grading", "hosting", "addresses", "away", "age_days",
)  # fmt: skip
_SAME = 1e-9  # relative difference up to which a recomputed number is the stored one
_MAX_TIES = 200  # links of an account that are read


def explained_campaign(out: Path, name: str) -> Campaign | None:
    """The campaign of that name, or None."""
    path = out / "campaigns.json"
    if not path.is_file():
        raise NothingToRead("no result to explain", str(path), "a folder that `stillwatch scan` wrote", "give --out")
    return next((one for one in read_campaigns(path).campaigns if one.campaign_id == name), None)


def explained_account(
    out: Path, name: str
) -> tuple[dict[str, Any], Campaign | None, list[dict[str, Any]], dict[str, Any]]:
    """Standing, campaign, ties and behaviour of an account."""
    with duckdb.connect() as connection:
        known = connection.sql(
            "SELECT * FROM read_parquet(?) WHERE account_id IN (?, ?)",
            params=[str(out / "accounts.parquet"), name, name.removeprefix("A-")],
        ).to_arrow_table().to_pylist()  # fmt: skip
        if not known:
            raise NothingToRead(
                f"neither a campaign nor an account is called {name!r}", str(out), "C-… or an account_id of the log"
            )
        row = known[0]
        account = row["account_id"]
        links = connection.sql(
            "SELECT l.*, s.accounts AS degree FROM read_parquet(?) l LEFT JOIN read_parquet(?) s "
            "ON s.kind = l.kind AND s.value = l.value_pseudonym WHERE ? IN (account_a, account_b) "
            f"ORDER BY weight DESC, account_a, account_b LIMIT {_MAX_TIES}",
            params=[str(out / "tables/links.parquet"), str(out / "tables/shared_values.parquet"), account],
        ).to_arrow_table().to_pylist()  # fmt: skip
        ranks = ", ".join(
            f"max({name}) FILTER (account_id = $account)::DOUBLE AS {name}, "
            f"100.0 * count(*) FILTER ({name} <= (SELECT {name} FROM own)) / greatest(count({name}), 1) AS {name}_rank"
            for name in _COMPARED
        )
        table = str(out / "tables/accounts.parquet")
        compared = connection.sql(
            f"WITH everyone AS (SELECT * FROM read_parquet('{table}')), "
            f"own AS (SELECT * FROM everyone WHERE account_id = $account) SELECT {ranks} FROM everyone",
            params={"account": account},
        ).to_arrow_table().to_pylist()[0]  # fmt: skip
    features = {
        one: {"value": compared[one], "percentile": compared[f"{one}_rank"]}
        for one in _COMPARED
        if compared[one] is not None
    }
    campaign = explained_campaign(out, row["campaign_id"]) if row["campaign_id"] else None
    return row, campaign, links, features


def checks(out: Path, campaign: Campaign) -> list[dict[str, Any]]:
    """Every reason with a query: the stored number and the one the query gives now, None if its tables are not here."""
    results = []
    with duckdb.connect() as connection:
        for path in sorted((out / "tables").glob("*.parquet")):
            connection.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet('{path}')")
        for reason in campaign.evidence:
            if not reason.query or reason.value is None:
                continue
            try:
                found = connection.execute(reason.query).fetchone()
            except duckdb.CatalogException:  # of a table that grows with exchanges: Spark's store has it
                results.append({"code": reason.code, "stored": reason.value, "recomputed": None, "same": None})
                continue
            recomputed = float(found[0]) if found and found[0] is not None else math.nan
            results.append(
                {
                    "code": reason.code,
                    "stored": reason.value,
                    "recomputed": recomputed,
                    "same": math.isclose(recomputed, reason.value, rel_tol=_SAME, abs_tol=_SAME),
                }
            )
    return results
