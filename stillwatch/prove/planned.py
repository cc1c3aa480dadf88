"""Makes a plan from what was served and committed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import BadConfiguration
from stillwatch.prove import served as texts
from stillwatch.prove.hearing import reference
from stillwatch.prove.plan import Plan, Promised, Question, chosen
from stillwatch.prove.rows import SetAside
from stillwatch.safeguards.canaries import slots as canaries
from stillwatch.safeguards.canaries.choice import SCOPE
from stillwatch.safeguards.chain import instant
from stillwatch.safeguards.watermark.registry import Line
from stillwatch.safeguards.watermark.tokens import Tokenizer

SCHEMES = ("sglang", "vllm")  # of safeguards/watermark: those with one key, whose scores are exponential


@dataclass(frozen=True)
class Wanted:
    """What whoever plans may choose."""

    scheme: str
    window: int
    scopes: tuple[str, ...]  # empty: all
    prompts: int  # served ones that are asked, at most
    each: int  # questions for each slot of a canary, at most
    level: float


def planned(
    served: Path | None,
    wanted: Wanted,
    secret: bytes,
    committed: Sequence[Line],
    decisions: Path | None,
    tokenizer: Path | None,
    now: float,
    aside: SetAside,
) -> Plan:
    """A plan for every key that was committed to and, of watermarks, that an answer at hand was drawn with."""
    if wanted.scheme not in SCHEMES:
        raise BadConfiguration("no scheme that a proof knows", wanted.scheme, ", ".join(SCHEMES))
    marked = texts.marks(decisions, aside) if decisions else None
    open_to = {one.commitment: one for one in committed if one.kind == "commit"}
    open_to = {name: one for name, one in open_to.items() if not wanted.scopes or _scope(one) in wanted.scopes}
    slots = canaries.load()
    of_canaries = [one for one in open_to.values() if one.scope.startswith(SCOPE)]
    if others := [one for one in of_canaries if one.why.get("slots_sha256") != slots.sha256]:
        aside["of the registry: canaries of another file than the one at hand"] += len(others)
        of_canaries = [one for one in of_canaries if one not in others]
    root, many, keys, questions = "", 0, [], []
    if served is not None:
        known = Tokenizer(tokenizer).sha256 if tokenizer else ""
        found = reference(texts.served(served, aside, marked), secret, set(open_to), None, wanted.window)
        root, many = found.root, found.texts
        if known:
            keys = [one for name, one in open_to.items() if found.answers.get(name)]
            again = texts.served(served, SetAside(), marked)  # counted before
            questions = chosen(again, wanted.prompts, root, {one.commitment: one for one in keys})
    else:
        known = ""
    if of_canaries:
        questions += [
            Question(f"{slot.id}-{number}", (("user", slot.prompts[number % len(slot.prompts)]),), slot.id)
            for slot in slots
            for number in range(wanted.each)
        ]
    if not keys and not of_canaries:
        raise BadConfiguration(
            "there is nothing to test", str(served or "no served texts"),
            "answers drawn with a key that was committed to, and the engine's tokenizer; or canaries",
            "--decisions names the keys of answers where the log does not",
        )  # fmt: skip
    return Plan(
        instant(now), wanted.level, wanted.scheme, wanted.window, known, root, many, tuple(map(_promised, keys)),
        tuple(map(_promised, of_canaries)), slots.sha256 if of_canaries else "", tuple(questions),
    )  # fmt: skip


def _scope(line: Line) -> str:
    return line.scope.removeprefix(SCOPE)


def _promised(line: Line) -> Promised:
    return Promised(line.scope, line.epoch.begins, line.epoch.ends, line.commitment)
