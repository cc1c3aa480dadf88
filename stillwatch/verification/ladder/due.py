"""What follows when a deadline nears or is over: a plan that a person reads, in three stages and none of them a ban.

`remind`, then `limit` (new traffic held to a small rate), then `suspend`. No stage is left out: whoever is limited was reminded
days before, whoever is suspended was limited for the days of grace, by the rows that were written and not by the calendar
alone. While a vendor is still looking, nobody is suspended. Who passes, is waived or turns out to be a victim is freed at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stillwatch.config import Verification
from stillwatch.verification.ladder.case import Case
from stillwatch.verification.ladder.responses import Response, in_force, undoing
from stillwatch.verification.ladder.rungs import DAY

STAGES = ("remind", "limit", "suspend")
UNDO = "stillwatch verify due --undo KEY, or by itself once the case is passed or waived"
_TOLD = {
    "remind": "We asked you to confirm your account by {steps}. Please do so by {until}; write to us if you cannot.",
    "lost": "Confirming your account by {steps} did not work. Quote {appeal} and we look at it together.",
    "limit": "Your account is slowed down until you have confirmed it by {steps}. Nothing is lost. Quote {appeal} to ask us.",
    "suspend": "Your account is paused until you have confirmed it by {steps}. Your data stays. Quote {appeal} to ask us.",
}
_WORDS = {
    "email": "mail",
    "phone": "phone",
    "payment": "payment",
    "identity": "a document",
    "organization": "your organisation",
}


@dataclass(frozen=True)
class Due:
    """The plan."""

    rows: tuple[Response, ...]
    freed: tuple[Response, ...]  # undo rows, which are never held back
    held_back: Mapping[str, int] = field(default_factory=dict)  # stage → how many rows were beyond the bound

    @property
    def stopped(self) -> str:
        """What the bound did, in words; empty when it did nothing."""
        if not self.held_back:
            return ""
        told = ", ".join(f"{many:,} {stage}" for stage, many in sorted(self.held_back.items()))
        return f"stopped at {len(self.rows):,} rows; beyond them: {told}. Look at these first"


def due(
    cases: Iterable[Case], written: Sequence[Response], victims: frozenset[str], now: float, settings: Verification
) -> Due:
    """The plan for these cases, given the rows that were written before. `victims` are never limited."""
    earlier: dict[str, list[Response]] = defaultdict(list)
    undone = {one.undoes for one in written if one.what == "undo"}
    for one in written:
        if one.case and one.what in STAGES:
            earlier[one.case].append(one)
    standing: dict[str, list[Response]] = defaultdict(list)
    for one in in_force(written, now):
        if one.case and one.what in STAGES:
            standing[one.case].append(one)
    wanted: list[tuple[Case, str]] = []
    freed: list[Response] = []
    for case in cases:
        name, account = case.opened.case, case.opened.account_id
        if why := _free(case, account in victims):
            freed += [undoing(one, why, now) for one in standing[name]]
            continue
        before = [one for one in earlier[name] if one.key not in undone]
        stage = _stage(case, before, now, settings)
        if stage and stage not in {one.what for one in standing[name]}:
            wanted.append((case, stage))
    wanted.sort(key=lambda one: (one[0].opened.until, one[0].opened.case))
    within, beyond = wanted[: settings.most_acted_a_run], wanted[settings.most_acted_a_run :]
    rows = tuple(_row(case, stage, len(earlier[case.opened.case]), now, settings) for case, stage in within)
    return Due(rows, tuple(freed), Counter(stage for _, stage in beyond))


def _free(case: Case, victim: bool) -> str:
    if victim:
        return "the account is a victim"
    return f"{case.state} since then" if case.state in ("passed", "waived") else ""


def _stage(case: Case, before: Sequence[Response], now: float, settings: Verification) -> str:
    """The stage that a case has come to, none of them left out."""
    until, lost = case.opened.until, not case.open
    at = {one.what: one.since for one in before}  # the last of each
    if "remind" not in at:
        return "remind" if lost or now >= until - settings.remind_days * DAY else ""
    if now < at["remind"] + settings.remind_days * DAY or (not lost and now < until):
        return ""
    if "limit" not in at or now < at["limit"] + settings.grace_days * DAY or case.state == "pending":
        return "limit"
    return "suspend" if now >= until + settings.grace_days * DAY else "limit"


def _row(case: Case, stage: str, number: int, now: float, settings: Verification) -> Response:
    opened = case.opened
    words = "lost" if stage == "remind" and not case.open else stage
    lasts = settings.response_days * DAY
    appeal = f"{opened.case}-{number + 1}"
    steps = " or ".join(_WORDS[one] for one in opened.steps)
    until = f"{datetime.fromtimestamp(opened.until, UTC):%d %B %Y}"
    why = f"asked for {' or '.join(opened.steps)} until {until}, {case.state} since then"
    return Response(
        f"{opened.case}:{stage}:{number + 1}", opened.account_id, stage, why, now, now + lasts, UNDO, appeal,
        opened.case, told=_TOLD[words].format(steps=steps, until=until, appeal=appeal),
    )  # fmt: skip
