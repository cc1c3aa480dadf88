"""The side tables of a log: accounts as registered, releases, declarations; and the labels of accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.tables import INSTANT, LOG_ACCOUNTS, LOG_DECLARED, LOG_RELEASES
from stillwatch.worlds import networks, shipped
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix, unit
from stillwatch.worlds.grammar import Grammar
from stillwatch.worlds.names import ids
from stillwatch.worlds.people import People
from stillwatch.worlds.prose import seeds_for, texts
from stillwatch.worlds.streams import Cast
from stillwatch.worlds.world import World

DAY_US = 86_400_000_000
FIRST_RELEASE_DAYS = 210.0  # days before the window: when the current model came out


def accounts(cast: Cast, grammar: Grammar, start_us: int) -> pa.Table:
    """Every account, in the order of its id, which has no order."""
    table = pa.concat_tables([_registered(people, grammar, start_us) for people in cast.people])
    return table.sort_by("account_id")


def _registered(people: People, grammar: Grammar, start_us: int) -> pa.Table:
    size, seed = len(people), people.seed
    starts = np.array([grammar.symbol(name) if name else -1 for name in people.email], np.int64)
    frame = np.where(people.org == 0, people.batch, people.org)  # colleagues share a domain
    email = texts(
        grammar, starts, seeds_for(size, row=seed, account=seed, frame=mix(frame, "domain"), item=people.batch)
    )
    domain = pc.replace_substring_regex(email, r"^.*@", "")
    withheld = unit(seed, "withheld") < 0.1  # the address itself is not always handed over, its domain is
    known = clients()
    banned = ~np.isnan(people.banned)
    lands = shipped.read("people.yaml")
    phone = np.char.add(
        np.array([lands[one]["phone"] for one in people.country], dtype="<U5"),
        (mix(people.phone, "number") % np.uint64(900_000_000) + np.uint64(100_000_000)).astype("<U9"),
    )
    columns: dict[str, Any] = {
        "account_id": ids("acct_", seed, "account"),
        "organization_id": ids("org_", people.org, "organization"),
        "created_at": _instants(people.created, start_us),
        "closed_at": _instants(people.closed, start_us),
        "status": np.where(banned, "banned", "active"),
        "banned_at": _instants(people.banned, start_us),
        "pathway": people.pathway,
        "plan": people.plan,
        "declared_country": people.country,
        "email": pc.if_else(pa.array(withheld), pa.scalar(None, pa.string()), email),
        "email_domain": domain,
        "phone": pa.array(phone, mask=people.phone == 0),
        "payment_fingerprint": ids("pay_", people.payment, "payment"),
        "payment_country": pa.array(people.payment_country, mask=people.payment == 0),
        "signup_ip": networks.dotted(people.signup_address),
        "signup_user_agent": pa.array(
            [known.agents[one] for one in people.client[:, 0]], mask=unit(seed, "agent") < 0.1
        ),
        "device_fingerprint": ids("dev_", people.device, "device"),
        "verification": people.verification,
    }
    arrays = [pa.array(columns[name], LOG_ACCOUNTS.column(name).type) for name in LOG_ACCOUNTS.names]
    return pa.table(arrays, schema=pa.schema([pa.field(c.name, c.type) for c in LOG_ACCOUNTS.columns]))


def _instants(days: Any, start_us: int) -> pa.Array:
    missing = np.isnan(days)
    return pa.array(start_us + (np.where(missing, 0.0, days) * DAY_US).astype(np.int64), INSTANT, mask=missing)


def releases(world: World) -> pa.Table:
    """When each model came out; the new one inside the window."""
    old, small, new = world.models
    first = world.start - timedelta(days=FIRST_RELEASE_DAYS)
    moment = world.start + timedelta(days=world.release_day)
    rows = [(old, first), (small, first + timedelta(days=40)), (new, moment)]
    columns = [[row[0] for row in rows], [row[1] for row in rows]]
    return pa.table(
        [pa.array(v, c.type) for v, c in zip(columns, LOG_RELEASES.columns, strict=True)], names=LOG_RELEASES.names
    )


def declared(cast: Cast, world: World) -> pa.Table:
    """Who declared what they do; the rest of the look-alikes did not."""
    expires = world.start + timedelta(days=300)
    identity = [
        one if isinstance(one, str) else ids("org_", np.array([one], np.uint64), "organization")[0].as_py()
        for _, one, _ in cast.declared
    ]
    columns = [[d[0] for d in cast.declared], identity, [d[2] for d in cast.declared], [expires] * len(cast.declared)]
    return pa.table(
        [pa.array(v, c.type) for v, c in zip(columns, LOG_DECLARED.columns, strict=True)], names=LOG_DECLARED.names
    )


def account_labels(cast: Cast) -> pa.Table:
    """What each account really is: its group, its campaign and its role there, whose place it took."""
    parts = [
        pa.table(
            {
                "account_id": ids("acct_", one.seed, "account"),
                "group": pa.array([one.group] * len(one)),
                "campaign": pa.array([one.campaign or None] * len(one), pa.string()),
                "role": pa.array(one.role.tolist(), pa.string(), mask=one.role == "ordinary"),
                "succeeds": ids("acct_", one.succeeds, "account"),
            }
        )
        for one in cast.people
    ]
    return pa.concat_tables(parts).sort_by("account_id")
