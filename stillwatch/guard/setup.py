"""A gate with everything that stands around it, from options of a command or from the environment."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stillwatch import keyfiles
from stillwatch.config import Config, load
from stillwatch.errors import BadConfiguration
from stillwatch.guard import actions, budgets, limits, marks, rates, shared_budgets, shared_rates
from stillwatch.guard.budgets import Budgets
from stillwatch.guard.canaries import Canaries
from stillwatch.guard.gate import Gate
from stillwatch.guard.guard import Guard
from stillwatch.guard.hygiene import STRIPPED, Hygiene
from stillwatch.guard.identity import Identity, read_keys
from stillwatch.guard.kept import Kept
from stillwatch.guard.marks import ENGINES, Marks
from stillwatch.guard.rates import Rates
from stillwatch.guard.reasoning.endpoint import endpoint
from stillwatch.guard.refreshed import Refreshed, Sources
from stillwatch.guard.server import Server
from stillwatch.guard.shared_limits import SharedLimits
from stillwatch.guard.written import Written
from stillwatch.pseudonyms import load_key
from stillwatch.safeguards.canaries import slots
from stillwatch.safeguards.watermark.keys import Secret

PREFIX = "STILLWATCH_GUARD_"  # of variables, before the names of `Setup` in capitals
Says = Callable[[str], None]


@dataclass(frozen=True)
class Setup:
    """Where a guard reads, what it shares, and where it writes."""

    policy: Path
    result: Path | None = None  # folder of scan, replay or watch
    side: Path | None = None  # folder with accounts and declared
    keys: Path | None = None  # table of API keys (guard/identity.py)
    account_header: str = ""
    organization_header: str = ""
    redis: str = ""  # address of the server that replicas share
    log: Path | None = None  # folder in which exchanges/ and decisions/ are written
    state: Path | None = None  # file in which it is kept whom rules hit; else beside the policy. Of one process alone
    key: Path | None = None  # of pseudonyms
    config: Path | None = None
    keep: str = ""  # fields that clients may send although they are stripped, with commas between
    passes: str = ""  # paths beside those of guard/paths.py that the layer lets through unread, with commas between
    watermark_secret: Path | None = None  # that keys of watermarks are made from (stillwatch watermark new-secret)
    watermark_registry: Path | None = None  # file that says of each key that it was committed to before it was used
    canary_secret: Path | None = None  # the same for what is chosen for campaigns; may be the files of watermarks
    canary_registry: Path | None = None
    answers: Path | None = None  # folder in which answers with a mark or a canary are kept, to be sealed


@dataclass(frozen=True)
class Standing:
    """A gate at work, what keeps it up to date, and the server it shares."""

    gate: Gate
    refreshed: Refreshed
    kept: Kept
    server: Server | None
    passes: tuple[str, ...] = ()
    marks: Marks | None = None
    canaries: Canaries | None = None

    @property
    def keys(self) -> dict[str, Marks]:
        """What makes keys ready, by the action that asks for them; what is not set up is left out."""
        made = {"watermark": self.marks, "canary": None if self.canaries is None else self.canaries.marks}
        return {name: one for name, one in made.items() if one is not None}

    async def close(self) -> None:
        """End everything, the log written."""
        self.refreshed.__exit__()
        for one in self.keys.values():
            one.__exit__()
        await self.kept.close()
        await self.gate.close()
        if self.server is not None:
            await self.server.close()


def stand(setup: Setup, says: Says) -> Standing:
    """Set all of it up, on the event loop that runs. Mistakes in files are errors now, and warnings later."""
    config = load(setup.config)
    sources = Sources(setup.policy, setup.result, setup.side)
    keys = load_key(setup.key or setup.policy.resolve().with_suffix(".key"), os.environ)
    guard = Guard(*sources.rules(), sources.found(config), keys.token("guard", "waves").encode(), time.time())
    summaries = endpoint(config.reasoning, config.guard.quiet_seconds, guard.counts, os.environ)
    state = setup.state or setup.policy.with_name(f"{setup.policy.name}.limits.json")
    guard.limits = limits.read(state)
    for rule, why in sorted(guard.objections.items()):
        says(f"rule {rule} is live and acts as a shadow: {why}")
    server = Server(setup.redis, says) if setup.redis else None
    log = setup.log
    if setup.answers is not None and log is None:
        raise BadConfiguration(
            "answers are kept, and there is no log", str(setup.answers), "a folder for the log as well"
        )
    written = None if log is None else Written(log / "exchanges", log / "decisions", keys, answers=setup.answers)
    identity = Identity(
        keys, setup.account_header.lower().encode(), setup.organization_header.lower().encode(),
        None if setup.keys is None else read_keys(setup.keys),
    )  # fmt: skip
    marked, canaries = _marks(setup, guard, config, says), _canaries(setup, guard, config, says)
    gate = Gate(
        guard,
        identity,
        _hygiene(setup),
        _budgets(server),
        _rates(server),
        written,
        config.guard,
        marked,
        summaries,
        canaries,
    )
    loop = asyncio.get_running_loop()
    refreshed = Refreshed(guard, sources, config, loop.call_soon_threadsafe, says).__enter__()
    kept = Kept(guard, state, None if server is None else SharedLimits(server), says)
    return Standing(gate, refreshed, kept, server, _listed(setup.passes), marked, canaries)


def from_environment(environment: Mapping[str, str] = os.environ, says: Says | None = None) -> Standing:
    """The same from STILLWATCH_GUARD_POLICY and its like, for servers that make a layer with an app alone."""
    given = {name: environment.get(PREFIX + name.upper(), "") for name in Setup.__dataclass_fields__}
    if not given["policy"]:
        raise BadConfiguration("no policy", f"{PREFIX}POLICY", "the path of a policy", "docs/guard.md")
    paths = {name for name, one in Setup.__dataclass_fields__.items() if "Path" in str(one.type)}
    return stand(
        Setup(**{name: Path(value) if name in paths else value for name, value in given.items() if value}),  # type: ignore[arg-type]
        says or (lambda text: print(text, file=sys.stderr)),
    )


def _hygiene(setup: Setup) -> Hygiene:
    kept = frozenset(_listed(setup.keep))
    if unknown := kept - STRIPPED:
        raise BadConfiguration(
            f"{', '.join(sorted(unknown))} would not be stripped", "keep", ", ".join(sorted(STRIPPED)), "docs/guard.md"
        )
    return Hygiene(strip=STRIPPED - kept)


def _marks(setup: Setup, guard: Guard, config: Config, says: Says) -> Marks | None:
    """Keys for an engine that takes one with a request; without one, said when a rule asks for a mark."""
    settings, secret, path = config.watermark, setup.watermark_secret, setup.watermark_registry
    if settings.engine not in ("", *ENGINES) or settings.epoch_days < 1:
        raise BadConfiguration(
            f"engine {settings.engine!r}, epoch_days {settings.epoch_days}", "[watermark]",
            f"engine {' or '.join(ENGINES)}, or none; epoch_days of 1 or more", "docs/watermark.md",
        )  # fmt: skip
    if not settings.engine:
        if secret or path or _asked(guard, actions.Watermark):
            says(
                "watermarks are noted and not carried out: [watermark] names no engine that takes a key with a request"
            )
        return None
    if secret is None or path is None:
        raise BadConfiguration(
            "an engine takes watermark keys, and there are none", "watermark_secret, watermark_registry", "both",
            "stillwatch watermark new-secret FILE",
        )  # fmt: skip
    made = Marks(guard, Secret(keyfiles.read(secret)), path, marks.watermarks(settings), says).__enter__()
    says(
        f"watermark keys go with requests to {settings.engine}, each committed to in {path} for {settings.epoch_days} days"
    )
    return made


def _canaries(setup: Setup, guard: Guard, config: Config, says: Says) -> Canaries | None:
    """What campaigns are told to make up; without a secret none, said when a rule asks for it."""
    settings, secret, path = config.canary, setup.canary_secret, setup.canary_registry
    if settings.epoch_days < 1:
        raise BadConfiguration(
            f"epoch_days {settings.epoch_days}", "[canary]", "epoch_days of 1 or more", "docs/canaries.md"
        )
    if secret is None and path is None:
        if _asked(guard, actions.Canary):
            says("canaries are noted and not carried out: there is no secret that they are chosen by")
        return None
    if secret is None or path is None:
        raise BadConfiguration(
            "canaries have a secret or a registry alone", "canary_secret, canary_registry", "both, or none",
            "stillwatch watermark new-secret FILE",
        )  # fmt: skip
    shipped = slots.load()
    use = marks.canaries(settings, shipped)
    made = Marks(guard, Secret(keyfiles.read(secret)), path, use, says).__enter__()
    says(f"canaries are chosen by keys that are each committed to in {path} for {settings.epoch_days} days")
    return Canaries(guard, made, shipped)


def _asked(guard: Guard, action: type) -> bool:
    """Whether any rule that is not off asks for it."""
    return any(isinstance(one, action) for rule in guard.ready.rules for one in rule.do)


def _listed(said: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in said.split(",") if one.strip())


def _budgets(server: Server | None) -> Budgets:
    return budgets.Local() if server is None else shared_budgets.Shared(server)


def _rates(server: Server | None) -> Rates:
    return rates.Local() if server is None else shared_rates.Shared(server)
