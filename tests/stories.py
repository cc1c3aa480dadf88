"""Stories: a few groups of accounts, told in few lines, written out as a log folder.

A group's settings and what they mean (all optional; a setting left out is an ordinary person's):
    accounts, exchanges     how many, and how many exchanges each
    frame, share            fixed text around a slot ("…" where the slot is), and the share of exchanges made from it;
                            of several frames, each exchange takes one
    items                   size of the one set of contents that every account goes through; else each content is new
    system                  system prompt
    cards, devices, phones  how many the group shares; else everyone has one of their own
    addresses               how many the group shares, one a day each; else everyone has one of their own
    network                 ASN of the group's addresses
    hours                   day (own habits), jobs (common jobs, day and night), lesson (one afternoon), launch
    turns                   longest conversation
    organization            name of the one they belong to, or `each` for one of their own
    batches                 signed up in so many batches of ten minutes
    age_days                [least, most] from sign-up to the first day of the log
    mail                    generated: letters and four digits at one small domain; else a domain's name
    probes, refused         how many more things each account asks in words of its own on the second day, and the share of
                            these that is refused
    limited, again          share of exchanges answered 429, and who sends those again half a minute later: itself, or the
                            `next` account of the group
    pathway, verification, country, declared_country, client
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from stillwatch import tables

FOLDER = Path(__file__).parent / "stories"
START = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday
OLD, NEW = "model-4", "model-5"
SETTINGS = set(
    "accounts exchanges frame share items system cards devices phones addresses network hours turns moves organization "
    "batches age_days mail pathway verification country declared_country client probes refused limited again".split()
)
SYLLABLES = "ka lo mi ren tu sa vel do pin ar eth mo shi gal ber nu".split()
WORDS = [a + b + c for a in SYLLABLES for b in SYLLABLES[:8] for c in ("", "n", "s")]
MAILS = ("mail.example", "post.example", "letters.example", "box.example")
ASKS = (
    "How do I cook {0} for {1}?", "What do you think of {0}?", "Write a function that turns {0} into {1}.",
    "Translate into French: {0}", "Why does my code fail with {0}?", "Tell my sister about {0} and {1}", "{0}",
)  # fmt: skip


@dataclass
class Story:
    """One file of tests/stories."""

    name: str
    about: str
    groups: dict[str, dict[str, Any]]
    found: list[str] = field(default_factory=list)  # groups of which most accounts must be in one campaign
    cleared: list[str] = field(default_factory=list)  # groups of which no account may be in a campaign
    unsure: list[str] = field(default_factory=list)  # groups that may go either way: the log lacks what tells
    days: int = 7
    release_day: int | None = None  # NEW is released at noon of this day
    declared: list[dict[str, str]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)  # what partners told: see `_told`
    most: float = 0.8  # share of a planted group that has to be found
    only_when_told: bool = False  # what is found is not found without what partners told
    columns: list[str] | None = None  # the only columns of exchanges that are logged
    accounts_table: bool = True
    says: list[str] = field(default_factory=list)  # words that must stand in the weaknesses
    swept: dict[str, list[int]] = field(
        default_factory=dict
    )  # `campaign` or `elsewhere`: techniques of the sweeps told
    failover: list[str] = field(default_factory=list)  # groups of which accounts are tied by it; no others may be
    seed: int = 1

    @classmethod
    def read(cls, name: str) -> Story:
        return cls(name=name, **yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")))


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def write(story: Story, folder: Path) -> dict[str, str]:
    """Write the story's log; returns account → group."""
    random = np.random.default_rng(story.seed)
    accounts: list[dict[str, Any]] = []
    exchanges: list[dict[str, Any]] = []
    unknown = {name for settings in story.groups.values() for name in settings} - SETTINGS
    assert not unknown, f"{story.name}: no such settings: {unknown}"
    for group, settings in story.groups.items():
        told = _Group(group, settings, story, random)
        own, sent = [], []
        for number in range(settings.get("accounts", 1)):
            own.append(told.account(number))
            sent.append([*told.exchanges(number, own[-1]), *told.probes(own[-1])])
        accounts += own
        for number, rows in enumerate(sent):
            exchanges += [*rows, *told.retries(rows, own[(number + 1) % len(own)])]
    (folder / "exchanges").mkdir(parents=True)
    exchanges.sort(key=lambda row: row["timestamp"])
    for number, row in enumerate(exchanges):
        row["exchange_id"] = f"x{number:06d}"
    kept = story.columns or tables.LOG_EXCHANGES.names
    schema = pa.schema([(one.name, one.type) for one in tables.LOG_EXCHANGES.columns if one.name in kept])
    pq.write_table(pa.Table.from_pylist(exchanges, schema=schema), folder / "exchanges/part-0.parquet")
    if story.accounts_table:
        _side(folder, tables.LOG_ACCOUNTS, "accounts", accounts)
    if story.declared:
        _side(folder, tables.LOG_DECLARED, "declared", story.declared)
    if story.told:
        _side(folder, tables.LOG_INDICATORS, "indicators", _told(story, accounts, random))
    if story.release_day is not None:
        released = START + timedelta(days=story.release_day, hours=12)
        _side(folder, tables.LOG_RELEASES, "releases", [{"model": NEW, "released_at": released}])
    return {row["account_id"]: row["account_id"].split("-")[0] for row in accounts}


# Where the values of a kind of indicator stand among accounts.
_VALUES = {"payment": "payment_fingerprint", "device": "device_fingerprint", "phone": "phone", "ipv4-addr": "signup_ip"}


def _told(story: Story, accounts: list[dict[str, Any]], random: np.random.Generator) -> list[dict[str, Any]]:
    """Indicators: of each entry, values of `kinds` that a `share` of the accounts of `groups` show, each account by one kind;
    `campaign`, `confidence`, `trust` and `source` as in tables.LOG_INDICATORS.
    """
    rows = []
    for told in story.told:
        mine = [row for row in accounts if row["account_id"].split("-")[0] in told["groups"]]
        for number, row in enumerate(mine):
            if random.random() < told.get("share", 1.0):
                kind = told["kinds"][number % len(told["kinds"])]
                given = {
                    name: told[name] for name in ("source", "campaign", "confidence", "trust", "actor") if name in told
                }
                rows.append(
                    {**given, "type": kind, "value": row[_VALUES[kind]], "origin": told["source"], "valid_from": START}
                )
    return [dict(row) for row in {(one["type"], one["value"], one["campaign"]): one for one in rows}.values()]


def _side(folder: Path, declared: tables.Table, name: str, rows: list[dict[str, Any]]) -> None:
    schema = pa.schema([(one.name, one.type) for one in declared.columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")


class _Group:
    """Turns a group's settings into rows."""

    def __init__(self, name: str, settings: Mapping[str, Any], story: Story, random: np.random.Generator) -> None:
        self.name, self.settings, self.story, self.random = name, settings, story, random
        self.items = [self._words(12, 30) for _ in range(settings.get("items", 0))]
        self.jobs = sorted(float(hour) for hour in random.uniform(0, story.days * 24 - 3, 3 * story.days))
        self.pool = [self._ip() for _ in range(settings.get("addresses", 0))]
        size = settings.get("accounts", 1)
        self.exits = {
            (number, (START + timedelta(days=day)).day): self.pool[random.integers(len(self.pool))]
            for number in range(size) for day in range(story.days + 1) if self.pool
        }  # fmt: skip
        self.batches = [float(day) for day in random.uniform(0, 1, settings.get("batches", 0))]

    def account(self, number: int) -> dict[str, Any]:
        settings, random = self.settings, self.random
        least, most = settings.get("age_days", [20, 700])
        age = random.uniform(least, most)
        if self.batches:  # members of a batch within five minutes
            age = least + self.batches[number % len(self.batches)] * (most - least) + random.uniform(0, 0.0035)
        created = START - timedelta(days=age)
        organization = settings.get("organization")
        home = self._ip()
        return {
            "account_id": f"{self.name}-{number:04d}",
            "organization_id": f"org-{self.name}-{number}" if organization == "each" else organization,
            "created_at": created,
            "status": "active",
            "pathway": settings.get("pathway", "self_serve"),
            "plan": "pro",
            "declared_country": settings.get("declared_country", settings.get("country", "DE")),
            "email": self._mail(),
            "phone": f"+49 151 {self._one_of('phones', number, 'phone')}",
            "payment_fingerprint": self._one_of("cards", number, "card"),
            "payment_country": settings.get("declared_country", settings.get("country", "DE")),
            "signup_ip": self.pool[number % len(self.pool)] if self.pool else home,
            "device_fingerprint": self._one_of("devices", number, "device"),
            "verification": settings.get("verification", "payment" if random.random() < 0.7 else "email"),
        }

    def exchanges(self, number: int, account: Mapping[str, Any]) -> list[dict[str, Any]]:
        settings, random = self.settings, self.random
        volume = settings.get("exchanges", 12)
        count = round(volume * random.uniform(0.6, 1.4))
        left = list(random.permutation(len(self.items)))
        rows = []
        for at, turn in self._instants(count):
            framed = "frame" in settings and random.random() < settings.get("share", 1.0)
            content = self.items[left.pop()] if left else self._words(12, 30)
            prompt = self._frame().replace("…", content) if framed else self._ask()
            moved = self.story.release_day is not None and at >= START + timedelta(
                days=self.story.release_day, hours=12
            )
            client = settings.get("client", f"browser-{number % 3}/1.{number % 4}")
            rows.append(
                {
                    "account_id": account["account_id"],
                    "organization_id": account["organization_id"],
                    "channel": "api",
                    "session_id": None,
                    "timestamp": at,
                    "model": NEW if moved and random.random() < settings.get("moves", 0.2) else OLD,
                    "system": settings.get("system"),
                    "prompt": prompt,
                    "turn": 0 if framed else turn,
                    "input_tokens": len(prompt) // 4,
                    "output_tokens": int(random.lognormal(6, 0.8)),
                    "status": 200,
                    "client_ip": self.exits[number, at.day] if self.pool else account["signup_ip"],
                    "asn": settings.get("network", 3320),
                    "country": settings.get("country", "DE"),
                    "user_agent": client,
                    "tls_fingerprint": f"t13d-{client.split('/')[0]}",
                    "header_fingerprint": f"h-{client}",
                }
            )
        return rows

    def probes(self, account: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the account tries on the second day, each in other words."""
        random, share = self.random, self.settings.get("refused", 0.85)
        return [
            {
                "account_id": account["account_id"],
                "organization_id": account["organization_id"],
                "timestamp": START + timedelta(hours=24 + random.uniform(9, 19)),
                "prompt": f"{self._ask()} {self._words(8, 20)}",
                "turn": 0,
                "model": OLD,
                "status": 200,
                "finish_reason": "refusal" if random.random() < share else "stop",
                "client_ip": account["signup_ip"],
            }
            for _ in range(self.settings.get("probes", 0))
        ]

    def retries(self, sent: list[dict[str, Any]], other: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Some of what was sent is answered 429, and sent again."""
        rows = []
        share = self.settings.get("limited", 0.0)
        for row in sent:
            if share and self.random.random() < share:
                who = other if self.settings.get("again") == "next" else row
                later = {name: who[name] for name in ("account_id", "organization_id")}
                rows.append({**row, **later, "timestamp": row["timestamp"] + timedelta(seconds=30)})
                row["status"] = 429
        return rows

    def _instants(self, count: int) -> list[tuple[datetime, int]]:
        random, days = self.random, self.story.days
        kind = self.settings.get("hours", "day")
        made: list[tuple[float, int]] = []  # hours from the start, turn
        if kind == "day":
            wakes, longest = random.uniform(7, 13), self.settings.get("turns", 4)
            while len(made) < count:
                opened = random.integers(days) * 24 + wakes + random.uniform(0, 9)
                made += [(opened + 0.05 * turn, turn) for turn in range(int(random.integers(1, longest + 1)))]
        elif kind == "jobs":
            mine = [job for job in self.jobs if random.random() < 0.7] or self.jobs
            made = [(job + random.uniform(0, 0.01), 0) for job in mine][:count]
            while len(made) < count:
                made.append((mine[random.integers(len(mine))] + random.uniform(0.01, 2), 0))
        elif kind == "lesson":
            made = [(2 * 24 + 13 + random.uniform(0, 2), 0) for _ in range(count)]
        elif kind == "launch":
            noon = (self.story.release_day or 0) * 24 + 12
            made = [(noon + random.uniform(0.1, 20), 0) for _ in range(count)]
        else:
            raise ValueError(f"{self.name}: no such hours: {kind}")
        return [(START + timedelta(hours=hour), turn) for hour, turn in made[:count]]

    def _one_of(self, setting: str, number: int, word: str) -> str:
        many = self.settings.get(setting)
        return f"{word} {self.name} {number}" if many is None else f"{word} of {self.name} {number % many}"

    def _mail(self) -> str:
        random, mail = self.random, self.settings.get("mail")
        if mail == "generated":
            return "".join(random.choice(list("abcdefgh"), 7)) + f"{random.integers(1000, 10000)}@{self.name}.example"
        given, family = (WORDS[random.integers(len(WORDS))] for _ in range(2))
        digits = str(random.integers(1, 99)) if random.random() < 0.5 else ""
        return f"{given}.{family}{digits}@{mail or MAILS[random.integers(len(MAILS))]}"

    def _ip(self) -> str:
        return ".".join(str(part) for part in self.random.integers(1, 223, 4))

    def _words(self, least: int, most: int) -> str:
        return " ".join(self.random.choice(WORDS, self.random.integers(least, most)))

    def _frame(self) -> str:
        frame = self.settings["frame"]
        return frame if isinstance(frame, str) else str(frame[self.random.integers(len(frame))])

    def _ask(self) -> str:
        return ASKS[self.random.integers(len(ASKS))].format(self._words(6, 18), self._words(2, 6))
