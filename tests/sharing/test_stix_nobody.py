"""Whoever is in a result, and whatever they show: what leaves is of enough customers, of no bystander, and names nobody."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from exports_here import NOW, Account, campaign, written
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.config import Config, Reading, Sharing
from stillwatch.sharing.keys import PartnerKeys
from stillwatch.sharing.keys import written as as_written
from stillwatch.sharing.stix.export import exported
from stillwatch.sharing.stix.given import given as registered
from stillwatch.sharing.stix.made import EXTENSION

K, PURITY = 3, 0.8
KEYS = PartnerKeys(b"n" * 32, "acme")
OWN = ("harvester", "spare")
BYSTANDERS = ("victim", "carrier", "unknown")
SIGNED_UP_WITH = ("domain", "payment", "device")


def values(kind: str) -> st.SearchStrategy[str | None]:
    often, seldom = f"{kind}-one.example", f"{kind}-two.example"
    return st.sampled_from([often, often, often, seldom, None])


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([*OWN, *OWN, *OWN, *OWN, *BYSTANDERS, None]),
        st.sampled_from([None, None, None, "org-a", "org-b", "org-declared"]),
        st.fixed_dictionaries({kind: values(kind) for kind in ("tls", *SIGNED_UP_WITH)}),
    ),
    min_size=4,
    max_size=16,
)


def told(people: list[tuple[str | None, str | None, dict[str, str | None]]]) -> list[Account]:
    return [
        Account(
            f"acct-{number:04d}", role, {kind: value for kind, value in shows.items() if value},
            organization, "C-2" if role and number % 7 == 6 else "C-1",
        )
        for number, (role, organization, shows) in enumerate(people)
    ]  # fmt: skip


def may_leave(everybody: list[Account], kind: str, value: str) -> bool:
    """Counted by hand, for campaign C-1."""

    def own(one: Account) -> bool:
        return one.role in OWN and one.organization_id != "org-declared"

    showing = [one for one in everybody if one.shows.get(kind) == value]
    mine = [one for one in showing if own(one) and one.campaign_id == "C-1"]
    strangers = [one for one in showing if (one.role is None or one.organization_id == "org-declared")]
    if kind in SIGNED_UP_WITH:
        if any(
            one.role in BYSTANDERS and one.campaign_id == "C-1" and one.organization_id != "org-declared"
            for one in showing
        ):
            return False
        strangers = [one for one in showing if not own(one)]
    owners = [one for one in showing if own(one)]
    customers = {one.organization_id or one.account_id for one in mine}
    return len(customers) >= K and len(owners) / (len(owners) + len(strangers)) >= PURITY


@settings(max_examples=12, deadline=None)
@given(PEOPLE)
def test_what_leaves_was_counted_rightly_and_names_nobody(people: Any) -> None:
    everybody = told(people)
    with tempfile.TemporaryDirectory() as folder:
        both = campaign(), campaign(campaign_id="C-2")
        out = written(Path(folder), everybody, *both, declared=["org-declared"])
        config = replace(Config(), sharing=Sharing(min_customers=K, purity=PURITY))
        made = exported(out, ["C-1"], "TLP:AMBER", KEYS, config, NOW, registered(out.parent / "log", Reading(), NOW))
    patterns = {one["pattern"] for one in made.objects if one["type"] == "indicator"}
    path = {"tls": "x-stillwatch:tls", "domain": "domain-name:value"}
    for kind in ("tls", *SIGNED_UP_WITH):
        for value in (f"{kind}-one.example", f"{kind}-two.example"):
            shown = (
                as_written("2026q1", KEYS.compared("2026q1").token(kind, value))
                if kind in ("payment", "device")
                else value
            )
            pattern = f"[{path.get(kind, f'x-stillwatch:{kind}')} = '{shown}']"
            assert (pattern in patterns) is may_leave(everybody, kind, value), (kind, value)
    text = json.dumps(made.objects)
    names = {one.account_id for one in everybody} | {one.organization_id for one in everybody if one.organization_id}
    names |= {value for one in everybody for kind, value in one.shows.items() if kind in ("payment", "device")}
    names |= {f"token-{what}-{one.account_id}" for one in everybody for what in ("mail", "address")}
    assert [name for name in sorted(names) if name in text] == []
    mine = [
        one
        for one in everybody
        if one.role in OWN and one.campaign_id == "C-1" and one.organization_id != "org-declared"
    ]
    accounts = [one["extensions"][EXTENSION]["role"] for one in made.objects if one["type"] == "user-account"]
    assert sorted(accounts) == sorted(str(one.role) for one in mine if len(mine) >= K)
