"""Whether everything was promised before it was used, and is what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.prove.hearing import Hearing, Reference
from stillwatch.prove.plan import Plan
from stillwatch.prove.seals import Line as Sealed
from stillwatch.safeguards.chain import seconds
from stillwatch.safeguards.watermark.registry import Line as Committed


@dataclass(frozen=True)
class Check:
    """One thing that a verdict rests on."""

    what: str
    holds: bool | None  # None: nobody can tell
    told: str


def checks(
    plan: Plan,
    committed: Sequence[Committed],
    sealed: Sequence[Sealed],
    served: Reference | None,
    suspect: Hearing,
    published: Sequence[str],
) -> list[Check]:
    """All of them, in the order of time."""
    promise = next((one for one in sealed if one.kind == "plan" and one.what == plan.sha256), None)
    seal = next((one for one in sealed if one.kind == "seal" and one.what == plan.root), None)
    found = [_keys(plan, committed, served)]
    if plan.root:
        found += [_texts(plan, served, seal)]
    found += [
        Check(
            "The plan was promised", promise is not None,
            f"on {promise.at[:19]}, SHA-256 {plan.sha256}" if promise else "its SHA-256 is not in the file of seals",
        )
    ]  # fmt: skip
    before = [one.at for one in (promise, seal) if one is not None]
    return [*found, _asked_after(suspect, before), _asked(plan, suspect), _published(published, committed, sealed)]


def _keys(plan: Plan, committed: Sequence[Committed], served: Reference | None) -> Check:
    what = "Keys were committed to before they were used"
    wanted = {one.commitment for one in (*plan.keys, *plan.canaries)}
    told = {one.commitment: seconds(one.at) for one in committed if one.kind == "commit"}
    if missing := len(wanted - told.keys()):
        return Check(what, False, f"{missing} of {len(wanted)} are not in the registry")
    first = served.first if served is not None else {}
    if late := [one for one in wanted if one in first and first[one] < told[one]]:
        return Check(
            what, False, f"{len(late)} of {len(wanted)} are younger than the first text that is said to bear them"
        )
    if unknown := len({one.commitment for one in plan.keys} - first.keys()):
        return Check(what, None, f"{len(wanted)} are in the registry; when texts of {unknown} were served is not known")
    return Check(what, True, f"{len(wanted)} of {len(wanted)}")


def _texts(plan: Plan, served: Reference | None, seal: Sealed | None) -> Check:
    what = "Served texts are those that were sealed"
    if served is None or served.root != plan.root:
        return Check(what, False, "the texts at hand have another root than the plan")
    if seal is None:
        return Check(what, False, "their root is not in the file of seals")
    return Check(what, True, f"{served.texts:,} texts, sealed on {seal.at[:19]}, root {plan.root}")


def _asked_after(suspect: Hearing, before: Sequence[str]) -> Check:
    what = "The suspect was heard after all of this was promised"
    if suspect.first is None:
        return Check(what, None, "the answers do not tell when they were given")
    if not before or suspect.first < max(seconds(one) for one in before):
        return Check(what, False, "the first answer is older than a promise")
    return Check(what, True, "all answers are younger")


def _asked(plan: Plan, suspect: Hearing) -> Check:
    what = "The suspect answered what the plan asks"
    if suspect.found:
        return Check(
            what, None, f"{suspect.found:,} texts answer no question of it: whoever found them may have chosen"
        )
    return Check(what, True, f"{suspect.answered:,} of {len(plan.questions):,} questions")


def _published(published: Sequence[str], committed: Sequence[Committed], sealed: Sequence[Sealed]) -> Check:
    what = "The promises were published"
    if not published:
        return Check(
            what, None, "no hash of theirs was named that others have seen: they are our own word, by our own clock"
        )
    missing = set(published) - {one.hash for one in committed} - {one.hash for one in sealed}
    if missing:
        return Check(what, False, f"{min(missing)} is the hash of no line")
    reach = [len(lines) for lines in (committed, sealed) if any(one.hash in published for one in lines)]
    both = len(reach) == 2
    return Check(what, both or None, "of keys and of seals" if both else "only of one of the two files")
