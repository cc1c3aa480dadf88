"""The page of worlds: who lives in them, what campaigns do, how they evade, and what the labels say."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillwatch.worlds import groups, load, names
from stillwatch.worlds.signups import groups as signups_groups
from stillwatch.worlds.signups import lands, rungs
from stillwatch.worlds.world import World, ladder

LABELS = {
    "accounts.parquet": "account_id, group, campaign (null: an ordinary account), role (harvester, carrier, spare, victim)",
    "exchanges.parquet": "every exchange of campaigns' accounts: exchange_id, harvested, campaign, tenant (whose harvest it "
    "is, where a network has several), capability (null where a real prompt's is not known)",
    "world.json": "what was made: world, scale, seed, evasions, sizes, volumes; under `truth`, for each campaign, accounts, "
    "exchanges, harvested, capabilities, top_capability, and pivots (whether its harvest jumped on the release; null where "
    "nobody could be wrong)",
}


def sections() -> list[str]:
    worlds = [load(name) for name in names()]
    ordinary = {name: one for world in worlds for name, one in world.groups.items() if name not in world.campaigns}
    campaigns = {name: (world, world.groups[name]) for world in worlds for name in world.campaigns}
    return [
        "A world is a log folder with labels beside it, made from a seed:\n\n"
        "    stillwatch worlds make FOLDER --world NAME --rung N --scale S --seed N\n\n"
        "The same arguments give the same files, byte for byte. Ids are random, rows are in the order of time, and the log\n"
        "holds nothing of the labels. With `--prompts` and `--traces`, texts, lengths and gaps are drawn from real ones; else\n"
        "from the phrase books in `stillwatch/data/worlds/grammar`. A YAML file of your own is a world too: `same_as:`\n"
        "another, and what differs.",
        "## The worlds\n\n" + _rows(("world", "days", "campaigns", "what it is"), [_world(one) for one in worlds]),
        "## Ordinary groups\n\nAccounts and exchanges a day and account at full scale; a smaller world keeps at least a few of"
        " each.\n\n"
        + _rows(
            ("group", "accounts", "a day", "who, and what it looks like"),
            [(f"`{name}`", _size(one), one["exchanges_per_day"], _about(name)) for name, one in ordinary.items()],
        ),
        "## Campaigns\n\n"
        + _rows(
            ("campaign", "world", "accounts", "a day", "what it does"),
            [
                (f"`{name}`", f"`{world.name}`", _size(one), one["exchanges_per_day"], _about(name))
                for name, (world, one) in campaigns.items()
            ],
        ),
        "## The ladder of evasions\n\n`--rung N` takes the first N of these, on every campaign of the world; `--evasion NAME`\n"
        "takes one alone.\n\n"
        + _rows(("rung", "evasion", "what campaigns do"), [(r, f"`{n}`", about) for r, n, about in ladder()]),
        "## The labels\n\n"
        + _rows(("file in labels/", "what it holds"), [(f"`{n}`", what) for n, what in LABELS.items()]),
        *signup_sections(),
    ]


SIGNUP_LABELS = {
    "accounts.parquet": "account_id, group, operator (null: honest), fraudulent, first_exchange (null: none in the window), "
    "succeeds (the banned account whose place it took)",
    "world.json": "what was made: scale, seed, rung, sizes of groups and operators, successors",
}

NOT_MODELLED = (
    "What is not modelled: traffic (a world of sign-ups has no exchanges, only the moment of the first); addresses of IPv6; "
    "lists of proxies and their reputation, for the addresses are drawn and on no list; browsers that update within the "
    "window; failed and abandoned sign-ups, and attempts that a CAPTCHA or a declined card ended; chargebacks; who answers a "
    "step-up, and what it costs an operator; operators that learn from being asked, within a window or from one to the next; "
    "the mixture of good and bad that one address of a proxy vendor carries over years. Shares are judgement where no "
    "provider published a figure, operators are drawn independently of each other, and honest crowds are simpler than real "
    "ones. A rate measured here orders detectors and finds mistakes; it does not promise the same rate on a provider's own "
    "sign-ups. `status` and `banned_at` are as of the end of the window: whoever judges a sign-up may read only what was "
    "known at its moment."
)


def signup_sections() -> list[str]:
    """Worlds of sign-ups: who comes, what operators do at each rung, what the labels say."""
    numbers, ladder_ = lands.numbers(), rungs()
    size = sum(one["accounts"] for one in numbers["honest"].values())
    honest = [
        (f"`{name}`", f"{numbers['honest'][name]['accounts']:,}", _says(one))
        for name, one in signups_groups.ALL.items()
    ]
    return [
        "## Worlds of sign-ups\n\n"
        "    stillwatch worlds signups FOLDER --rung N --scale S --seed N\n\n"
        f"{numbers['about'].strip()} At scale 1 there are {size:,} honest and\n"
        f"{numbers['fraud']['accounts']:,} fraudulent sign-ups in {numbers['days']} days. An operator's every share is drawn\n"
        "around the one written in `stillwatch/data/worlds/signups.yaml`, anew for each operator and seed, so that nothing\n"
        "can be tuned to a constant. A smaller world has fewer operators, not smaller ones.",
        _rows(("honest group", "accounts", "who, and what it looks like"), honest),
        "Operators, rung by rung; each keeps what the one below it does, but for what it says itself. A share of their\n"
        "accounts is bought from people (`bought`): at sign-up nobody can tell these from anybody's.\n\n"
        + _rows(
            ("rung", "name", "what operators do", "bought"),
            [(r, one["name"], one["about"], one["bought"]) for r, one in enumerate(ladder_)],
        ),
        _rows(("file in labels/", "what it holds"), [(f"`{n}`", what) for n, what in SIGNUP_LABELS.items()]),
        NOT_MODELLED,
    ]


def _says(function: object) -> str:
    """What a group's function says of it, else its file."""
    module = importlib.import_module(getattr(function, "__module__", ""))
    return " ".join((function.__doc__ or (module.__doc__ or "").split("\n\n")[0]).split())


def _world(world: World) -> tuple[object, ...]:
    return f"`{world.name}`", world.days, ", ".join(f"`{one}`" for one in world.campaigns) or "none", world.about


def _size(numbers: dict[str, Any]) -> str:
    if "companies" in numbers and "accounts" not in numbers:
        return f"{numbers['companies']} companies of {numbers['keys_a_company']}"
    return f"{numbers.get('accounts', numbers.get('students')):,}"


def _about(name: str) -> str:
    """What the group's file says of it."""
    module = importlib.import_module(f"{groups.__name__}.{name}")
    return " ".join(
        (ast.get_docstring(ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))) or "").split()
    )


def _rows(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
