"""The answer of a backtest as one document, which the terminal and `--json` show, and as the table RESULT_BACKTEST."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch import tables
from stillwatch.guard.backtest.customers import Customers
from stillwatch.guard.backtest.looks import Looks, found_here
from stillwatch.guard.backtest.rows import Laid
from stillwatch.guard.backtest.segments import named_by
from stillwatch.guard.backtest.tally import Tally
from stillwatch.guard.backtest.through import Through
from stillwatch.guard.receipts import Receipt

SCHEMA_VERSION = 1
_MICROS = 1_000_000  # in a second
_HOUR = 3_600 * _MICROS


def receipt(tally: Tally, laid: Laid, looks: Looks, customers: Customers, now: datetime) -> Receipt:
    """What is kept of a rule's backtest: what it asked for, not what its limit let through."""
    met = tally.asked > 0
    return Receipt(
        tally.rule.id, tally.rule.fingerprint(), now, _at(laid.first), _at(laid.last), tally.a_day,
        int(np.count_nonzero(met)), int(np.count_nonzero(met & customers.honest)),
        looks.hindsight and any(found_here(name) for name in named_by(tally.rule)),
    )  # fmt: skip


def document(
    gone: Through, laid: Laid, looks: Looks, customers: Customers, campaigns: list[str], as_dated: bool,
    objections: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Of one policy. `objections` are those that rules have, or would have if they were live, by id."""
    return {
        "schema_version": SCHEMA_VERSION,
        "window": {"from": _at(laid.first).isoformat(), "to": _at(laid.last).isoformat()},
        "exchanges": sum(laid.days.values()),
        "accounts": len(laid.accounts),
        "honest_accounts": int(np.count_nonzero(customers.honest)),
        "dates": "as written" if as_dated else "whole log",
        "standing": {"hindsight": looks.hindsight, "looks": 0 if looks.hindsight else len(looks.times)},
        "rules": [_rule(tally, gone, laid, customers, objections) for tally in gone.tallies],
        "actions": [
            {"action": name, "exchanges": exchanges, "accounts": int(np.count_nonzero(met))}
            for name, (exchanges, met) in gone.by_action.items()
        ],
        "harvest": _harvest(gone, campaigns),
    }


def _rule(
    tally: Tally, gone: Through, laid: Laid, customers: Customers, objections: Mapping[str, str]
) -> dict[str, Any]:
    rule, met, taken = tally.rule, tally.asked > 0, int(gone.taken.exchanges.sum())
    roles = Counter(customers.role.filter(pa.array(met)).drop_null().to_pylist())
    honest = met & customers.honest
    return {
        "id": rule.id,
        "fingerprint": rule.fingerprint(),
        "acts": rule.acts,
        "actions": [one.name for one in rule.do],
        "asked": {
            "exchanges": int(tally.asked.sum()), "accounts": int(np.count_nonzero(met)), "accounts_a_day": tally.a_day,
        },
        "let_through": {"exchanges": int(tally.let.sum()), "accounts": int(np.count_nonzero(tally.let))},
        "limit": {"accounts": rule.limit.accounts, "honest": rule.limit.honest, "stopped": gone.limits.of(rule).stopped},
        "stopped": {
            "exchanges": int(tally.stopped.sum()), "output_tokens": int(tally.stopped_tokens.sum()),
            "harvested": tally.stopped_harvest, "share_of_harvest": tally.stopped_harvest / taken if taken else None,
        },
        "roles": dict(sorted(roles.items())),
        "honest": {
            "accounts": int(np.count_nonzero(honest)), "groups": customers.counted(honest),
            "examples": customers.examples(honest, tally.asked),
        },
        "truth": customers.truth(met),
        "untold": sorted(named_by(rule) & laid.untold),
        "objection": objections.get(rule.id, ""),
    }  # fmt: skip


def _harvest(gone: Through, campaigns: list[str]) -> dict[str, Any]:
    taken, stopped, asked = gone.taken, gone.stopped, gone.stopped_asked
    return {
        "exchanges": int(taken.exchanges.sum()), "output_tokens": int(taken.tokens.sum()),
        "stopped": _stopped(int(stopped.exchanges.sum()), int(stopped.tokens.sum())),
        "stopped_without_limits": _stopped(int(asked.exchanges.sum()), int(asked.tokens.sum())),
        "campaigns": [
            {
                "campaign_id": name, "exchanges": int(taken.exchanges[place]), "output_tokens": int(taken.tokens[place]),
                "first": _at(int(taken.first[place])).isoformat(),
                "stopped": _stopped(int(stopped.exchanges[place]), int(stopped.tokens[place])),
                "stopped_without_limits": _stopped(int(asked.exchanges[place]), int(asked.tokens[place])),
                "hours_to_first_stop": _hours(int(taken.first[place]), int(stopped.first[place])),
            }
            for place, name in enumerate(campaigns)
            if taken.exchanges[place]
        ],
    }  # fmt: skip


def _stopped(exchanges: int, output_tokens: int) -> dict[str, int]:
    return {"exchanges": exchanges, "output_tokens": output_tokens}


def _hours(first: int, stopped: int) -> float | None:
    return None if not stopped else round((stopped - first) / _HOUR, 1)


def against(ours: Through, theirs: Through, customers: Customers) -> dict[str, Any]:
    """Accounts that a customer-noticeable rule of one policy would have acted on, and none of the other's."""
    here, there = _noticed(ours), _noticed(theirs)
    return {
        "gained": _difference(here & ~there, customers), "lost": _difference(there & ~here, customers),
        "harvest_stopped": {"ours": int(ours.stopped.exchanges.sum()), "theirs": int(theirs.stopped.exchanges.sum())},
    }  # fmt: skip


def _noticed(gone: Through) -> np.ndarray:
    acting = [tally.let > 0 for tally in gone.tallies if tally.rule.acts]
    found: np.ndarray = np.logical_or.reduce(
        [np.zeros(len(gone.tallies[0].let), np.bool_) if gone.tallies else [], *acting]
    )
    return found


def _difference(met: np.ndarray, customers: Customers) -> dict[str, Any]:
    honest = met & customers.honest
    return {
        "accounts": int(np.count_nonzero(met)), "honest": int(np.count_nonzero(honest)),
        "examples": customers.examples(honest, met.astype(np.int32)), "truth": customers.truth(met),
    }  # fmt: skip


def rows(gone: Through, customers: Customers) -> pa.Table:
    """RESULT_BACKTEST: one row for each rule and account that it applied to."""
    parts = []
    for tally in gone.tallies:
        met = np.flatnonzero(tally.asked)
        take = pa.array(met)
        parts.append(
            pa.table(
                [
                    pa.repeat(tally.rule.id, len(met)), customers.names.take(take), customers.campaign.take(take),
                    customers.role.take(take), pa.array(tally.first[met]).cast(tables.INSTANT),
                    pa.array(tally.asked[met].astype(np.int64)), pa.array(tally.let[met].astype(np.int64)),
                    pa.array(tally.stopped[met].astype(np.int64)), pa.array(tally.stopped_tokens[met]),
                ],
                schema=tables.RESULT_BACKTEST.schema,
            )
        )  # fmt: skip
    return pa.concat_tables(parts) if parts else tables.RESULT_BACKTEST.schema.empty_table()


def _at(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / _MICROS, UTC)
