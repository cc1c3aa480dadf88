"""One row per account, each column on a log small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest
from ints import packed

from stillwatch import accounts, tables
from stillwatch.config import Behaviour, Config
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.replays import replays

SIGNAL = {"has_tools": False, "prompt_bytes": 1, "system_sketch": b"", "file": 0, "chunk": 0, "row": 0}
CODING, CHAT = CAPABILITIES.index("coding"), CAPABILITIES.index("chat")


def use(timestamp: str, account_id: str = "a", prompt_hash: int = 0, **rest: Any) -> dict[str, Any]:
    base = {"capability": CHAT, "elicitation": 0, "has_tools": False}
    return {**base, "account_id": account_id, "timestamp": timestamp, "prompt_hash": prompt_hash, **rest}


def described(engine: Any, uses: list[dict[str, Any]], registered: list[dict[str, Any]], config: Any = None) -> Any:
    """account_id → its row."""
    given = engine.given(tables.USES, *({"exchange_id": str(n), **row} for n, row in enumerate(uses)))
    hours = engine.given(tables.ACCOUNT_HOURS, *engine.made(tables.ACCOUNT_HOURS, accounts.account_hours(given)))
    prompts = engine.given(
        tables.ACCOUNT_PROMPTS, *engine.made(tables.ACCOUNT_PROMPTS, accounts.account_prompts(given))
    )
    people = engine.given(tables.REGISTERED, *registered)
    replayed = engine.given(tables.REPLAYS, *engine.made(tables.REPLAYS, replays(given)))
    made = accounts.accounts(given, hours, prompts, replayed, people, config or Config().behaviour)
    return {row["account_id"]: row for row in engine.made(tables.ACCOUNTS, made)}


MONDAY, TUESDAY = "2026-02-02", "2026-02-03"
BITS = {name: 2**place for place, name in enumerate(ELICITATIONS)}
WHERE = [("hosting", "US", "p"), ("vpn", "DE", "p"), ("access", "DE", "q"), (None, None, None)]
ABOUT = [
    (CODING, BITS["chain_of_thought"], True, 429),
    (CODING, sum(BITS.values()), False, 200),
    (CODING, BITS["rubric_grading"], False, 529),
    (CHAT, 0, False, 200),
]

LOG = [
    *(use(f"{MONDAY} 09:{minute}", "steady", output_tokens=10) for minute in ("00", "10", "20")),
    use(f"{MONDAY} 11:59", "steady", output_tokens=None),
    use(f"{TUESDAY} 08:30", "steady", output_tokens=5),
    use(f"{TUESDAY} 09:00", "steady", output_tokens=5),
    use(f"{MONDAY} 09:00", "brief"),
    use(f"{MONDAY} 09:30", "brief"),
    use(f"{MONDAY} 09:00", "writer", 1, template_id="T-a", turn=0),
    use(f"{MONDAY} 09:01", "writer", 1, template_id="T-a", turn=1),
    use(f"{MONDAY} 09:02", "writer", 2, turn=2),
    use(f"{MONDAY} 09:03", "writer", 3, turn=None),
    *(
        use(f"{MONDAY} 09:0{n}", "coder", capability=kind, elicitation=asked, has_tools=tools, status=status)
        for n, (kind, asked, tools, status) in enumerate(ABOUT)
    ),
    *(
        use(f"{MONDAY} 09:0{n}", "traveller", network=network, country=country, address=address, client=f"c{n % 2}")
        for n, (network, country, address) in enumerate(WHERE)
    ),
    use(f"{MONDAY} 09:00", "stranger", country="DE"),
    *(use(f"{MONDAY} 09:00", one) for one in ("new", "old", "early")),
    *(use(f"{MONDAY} 09:00", one, organization_id="logged") for one in ("logged", "both")),
    use(f"{MONDAY} 09:00", "registered"),
]
PEOPLE = [
    {"account_id": "idle", "status": "suspended", "pathway": "startup"},
    {"account_id": "traveller", "declared_country": "DE", "payment_country": "US", "verification": "email"},
    {"account_id": "new", "created_at": "2026-02-01 09:00"},
    {"account_id": "old", "created_at": "2026-01-03 09:00"},
    {"account_id": "early", "created_at": "2026-02-04 09:00"},
    {"account_id": "both", "organization_id": "said"},
    {"account_id": "registered", "organization_id": "said"},
]


@pytest.fixture(scope="module")
def rows(module_engine: Any) -> Any:
    """account_id → its row, of one small log."""
    return described(module_engine, LOG, PEOPLE)


def test_everybody_who_spoke_or_registered_has_a_row(rows: Any) -> None:
    assert set(rows) == {row["account_id"] for row in (*LOG, *PEOPLE)}


def test_volume_days_and_rhythm(rows: Any) -> None:
    row = rows["steady"]
    assert (row["exchanges"], row["output_tokens"], row["days"], row["peak_day"]) == (6, 40, 2, 4)
    assert row["duty_cycle"] == pytest.approx(4 / 25), "hours 9, 11, 8, 9 of the 25 from the first to the last"
    assert row["quiet_hours"] == 24 - 3
    assert row["day_one_share"] == pytest.approx(5 / 6), "09:00 on Tuesday is the 25th hour"
    mean, spread = 6 / 4, (3 * 0.5**2 + 1.5**2) ** 0.5 / 2
    assert row["burstiness"] == pytest.approx((spread - mean) / (spread + mean))


def test_one_hour_has_no_burstiness(rows: Any) -> None:
    row = rows["brief"]
    assert (row["burstiness"], row["duty_cycle"], row["day_one_share"], row["quiet_hours"]) == (None, 1, 1, 23)


def test_an_account_that_never_spoke(rows: Any) -> None:
    idle = rows["idle"]
    assert [idle[name] for name in ("exchanges", "output_tokens", "days", "peak_day", "addresses")] == [0] * 5
    unknown = (
        "first_seen",
        "duty_cycle",
        "burstiness",
        "quiet_hours",
        "novelty",
        "focus",
        "hosting",
        "away",
        "one_shot",
    )
    assert [idle[name] for name in unknown] == [None] * len(unknown), "nothing seen is not zero"
    assert (idle["banned"], idle["programme"]) == (1, 1)


def test_prompts_templates_and_turns(rows: Any) -> None:
    row = rows["writer"]
    assert (row["novelty"], row["template_share"]) == (3 / 4, 2 / 4)
    assert (row["turns"], row["one_shot"]) == (pytest.approx(1.0), pytest.approx(1 / 3))


def test_what_the_exchanges_are_about(rows: Any) -> None:
    row = rows["coder"]
    assert (row["focus"], row["capability"], row["tools"], row["refused"]) == (0.75, CODING, 0.25, 0.5)
    assert [row[name] for name in ELICITATIONS] == [0.5, 0.5, 0.25]


def test_networks_countries_and_clients(rows: Any) -> None:
    row = rows["traveller"]
    assert row["hosting"] == pytest.approx(2 / 3), "an unknown network is not counted either way"
    assert row["away"] == pytest.approx(1 / 3), "an unknown country is not counted either way"
    assert (row["addresses"], row["countries"], row["clients"]) == (2, 2, 2)
    assert (row["payment_abroad"], row["unverified"]) == (1, 1)


def test_unknown_declared_country_is_no_mismatch(rows: Any) -> None:
    row = rows["stranger"]
    assert (row["away"], row["payment_abroad"], row["unverified"], row["fresh"]) == (None, None, None, None)


@pytest.mark.parametrize("account, age, fresh", [("new", 1.0, 1), ("old", 30.0, 0), ("early", -2.0, 0)])
def test_age_at_first_use(rows: Any, account: str, age: float, fresh: int) -> None:
    assert (rows[account]["age_days"], rows[account]["fresh"]) == (pytest.approx(age), fresh)


@pytest.mark.parametrize(
    "account, told", [("logged", "logged"), ("registered", "said"), ("both", "said"), ("steady", None)]
)
def test_organization_as_registered_or_as_logged(rows: Any, account: str, told: Any) -> None:
    assert rows[account]["organization_id"] == told


def mismatches(engine: Any, own: int, borrowed: int, at_home: int) -> float:
    """One account of client A: `own` exchanges with A's fingerprint, `borrowed` with B's, which B uses `at_home` times."""
    shown = [("a", "A", "print A")] * own + [("a", "A", "print B")] * borrowed + [("b", "B", "print B")] * at_home
    uses = [
        use(f"{MONDAY} 09:00", account, client=client, tls_fingerprint=fingerprint)
        for account, client, fingerprint in shown
    ]
    rows = described(engine, uses, [], Behaviour(mismatch_share=0.1, min_fingerprint_uses=20))
    return float(rows["a"]["client_mismatch"])


def test_a_fingerprint_of_another_client(engine: Any) -> None:
    assert mismatches(engine, own=38, borrowed=2, at_home=40) == pytest.approx(2 / 40)


@pytest.mark.parametrize(
    "own, borrowed, at_home", [(38, 2, 0), (10, 1, 40), (20, 20, 400)], ids=["nobody else's", "few uses", "usual here"]
)
def test_a_fingerprint_of_its_own(engine: Any, own: int, borrowed: int, at_home: int) -> None:
    assert mismatches(engine, own, borrowed, at_home) == 0


def test_hours_prompts_and_templates_are_counted_by_account(engine: Any) -> None:
    given = engine.given(
        tables.USES,
        {"exchange_id": "1", **use(f"{MONDAY} 09:05", model="m", output_tokens=3, template_id="T", prompt_hash=7)},
        {"exchange_id": "2", **use(f"{MONDAY} 09:55", model="m", template_id="T", prompt_hash=7)},
        {"exchange_id": "3", **use(f"{MONDAY} 10:00", "b", model=None, system_template_id="S", prompt_hash=7)},
    )
    hours = engine.made(tables.ACCOUNT_HOURS, accounts.account_hours(given))
    assert [(r["account_id"], r["hour"].hour, r["model"], r["exchanges"], r["output_tokens"]) for r in hours] == [
        ("a", 9, "m", 2, 3), ("b", 10, "", 1, 0),
    ]  # fmt: skip
    prompts = engine.made(tables.ACCOUNT_PROMPTS, accounts.account_prompts(given))
    assert [(r["account_id"], r["template_id"], r["exchanges"]) for r in prompts] == [("a", "T", 2), ("b", "", 1)]
    found = engine.made(tables.ACCOUNT_TEMPLATES, accounts.account_templates(given))
    assert [(r["account_id"], r["field"], r["template_id"], r["exchanges"]) for r in found] == [
        ("a", "prompt", "T", 2), ("b", "system", "S", 1),
    ]  # fmt: skip


def test_documents_are_bounded_and_distinct(engine: Any) -> None:
    rows = [
        {
            **SIGNAL,
            **use(f"{MONDAY} 09:00", f"a{n % 3}", n % 5),
            "exchange_id": str(n),
            "row": n,
            "sketch": packed(n % 5),
        }
        for n in range(60)
    ]
    given = engine.given(tables.SIGNALS, *rows)
    everything = engine.made(tables.DOCUMENTS, accounts.documents(given, 1000))
    assert len(everything) == 15, "three accounts, five texts each"
    assert all(row["field"] == "prompt" for row in everything)
    assert len(engine.made(tables.DOCUMENTS, accounts.documents(given, 7))) <= 8


def test_the_sample_does_not_depend_on_where_exchanges_stand(engine: Any) -> None:
    rows = [
        {**SIGNAL, **use(f"{MONDAY} 09:{n % 60:02}", f"a{n % 7}", n * n), "exchange_id": str(n), "sketch": packed(n)}
        for n in range(90)
    ]
    placed = [{**row, "file": 0, "chunk": 0, "row": n} for n, row in enumerate(rows)]
    elsewhere = [{**row, "file": n % 3, "chunk": n % 5, "row": 7 * n} for n, row in enumerate(reversed(rows))]
    first, other = (
        engine.made(tables.DOCUMENTS, accounts.documents(engine.given(tables.SIGNALS, *some), 20))
        for some in (placed, elsewhere)
    )
    assert first == other and 5 < len(first) < 40


def test_system_prompts_are_documents_of_their_own(engine: Any) -> None:
    row = {**SIGNAL, **use(f"{MONDAY} 09:00"), "sketch": packed(1), "exchange_id": "1"}
    given = engine.given(tables.SIGNALS, row, {**row, "exchange_id": "2", "system_hash": 5, "system_sketch": packed(2)})
    made = engine.made(tables.DOCUMENTS, accounts.documents(given, 1000))
    assert [(one["field"], one["sketch"]) for one in made] == [("prompt", packed(1)), ("system", packed(2))]


@pytest.mark.parametrize(
    "users, payers, known, independent",
    [(40, 40, 40, True), (40, 8, 40, False), (40, 40, 10, False), (3, 3, 3, False)],
    ids=["a product", "a pool's cards", "payers unknown", "a few"],
)
def test_a_products_customers_pay_for_themselves(
    engine: Any, users: int, payers: int, known: int, independent: bool
) -> None:
    used = [{"account_id": f"a{n}", "field": "prompt", "template_id": "T", "exchanges": 2} for n in range(users)]
    paid = [
        {"account_id": f"a{n}", "payment_fingerprint": f"card {n % payers}" if n < known else None}
        for n in range(users)
    ]
    spread = accounts.template_spread(
        engine.given(tables.ACCOUNT_TEMPLATES, *used), engine.given(tables.REGISTERED, *paid), Config().behaviour
    )
    (row,) = engine.made(tables.TEMPLATE_SPREAD, spread)
    assert (row["users"], row["exchanges"], row["with_payer"]) == (users, 2 * users, known)
    assert row["payers"] == min(payers, known) and row["independent"] is independent
