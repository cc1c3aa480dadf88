"""Reads what a judgement needs, and judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from stillwatch.errors import BadConfiguration
from stillwatch.prove import served as texts
from stillwatch.prove.answers import answers
from stillwatch.prove.hearing import Hearing, heard, reference
from stillwatch.prove.judge import Judgement, judge
from stillwatch.prove.plan import Plan
from stillwatch.prove.promises import checks
from stillwatch.prove.rows import SetAside
from stillwatch.prove.seals import Line as Sealed
from stillwatch.safeguards.canaries import slots as canaries
from stillwatch.safeguards.watermark.candidates import candidates
from stillwatch.safeguards.watermark.keys import Secret
from stillwatch.safeguards.watermark.leaning import FEWEST
from stillwatch.safeguards.watermark.registry import Line
from stillwatch.safeguards.watermark.tokens import Tokenizer

if TYPE_CHECKING:
    from stillwatch.run import Watcher


@dataclass(frozen=True)
class Evidence:
    """Everything that a judgement goes by."""

    plan: Plan
    secret: bytes
    committed: Sequence[Line]
    sealed: Sequence[Sealed]
    published: tuple[str, ...]
    served: Path | None
    decisions: Path | None
    tokenizer: Path | None
    suspect: Path
    controls: tuple[Path, ...]


def judged(evidence: Evidence, aside: SetAside, watcher: Watcher) -> Judgement:
    """The judgement of a plan."""
    plan = evidence.plan
    tokenizer = _tokenizer(plan, evidence.tokenizer)
    keys = {one.commitment: one for one in candidates(evidence.committed, Secret(evidence.secret))}
    wanted = [keys[one.commitment] for one in plan.keys if one.commitment in keys]
    questions = {one.id: one for one in plan.questions}

    def hearing(place: Path) -> tuple[str, Hearing]:
        return place.stem, heard(answers(place, questions, aside), tokenizer, plan.window)

    suspect, *controls = map(hearing, (evidence.suspect, *evidence.controls))
    served = None
    if evidence.served is not None:
        began = perf_counter()
        watcher.begins("served texts", None)
        marked = texts.marks(evidence.decisions, aside) if evidence.decisions else None
        of = texts.served(evidence.served, aside, marked)
        heard_of = [one.said for _, one in (suspect, *controls)]
        said = np.unique(np.concatenate([one.hashes for one in heard_of]))
        often = np.unique(np.concatenate([one.hashes[one.totals() >= FEWEST] for one in heard_of]))
        commitments = {one.commitment for one in wanted}
        served = reference(of, evidence.secret, commitments, tokenizer, plan.window, said, often)
        watcher.ends("served texts", served.texts, perf_counter() - began)
    slots = canaries.load() if plan.canaries else None
    if slots is not None and slots.sha256 != plan.slots:
        raise BadConfiguration(
            "canaries are chosen from another file than the plan's", plan.slots, f"the one at hand: {slots.sha256}",
            "the version of stillwatch that the plan was made with",
        )  # fmt: skip
    return judge(
        plan, wanted, [keys[one.commitment] for one in plan.canaries if one.commitment in keys], served, suspect,
        controls, checks(plan, evidence.committed, evidence.sealed, served, suspect[1], evidence.published), slots,
    )  # fmt: skip


def _tokenizer(plan: Plan, path: Path | None) -> Tokenizer | None:
    if not plan.keys:
        return None
    if path is None:
        raise BadConfiguration(
            "the plan looks for marks, and there is no tokenizer",
            "--tokenizer",
            f"the one with SHA-256 {plan.tokenizer}",
        )
    tokenizer = Tokenizer(path)
    if tokenizer.sha256 != plan.tokenizer:
        raise BadConfiguration(
            "this is not the plan's tokenizer", str(path), f"SHA-256 {plan.tokenizer}", f"it has {tokenizer.sha256}"
        )
    return tokenizer
