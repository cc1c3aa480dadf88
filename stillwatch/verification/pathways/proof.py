"""What was shown once, and what was true of the mail domain, the organisation and the payment at that moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.verification.pathways.pathway import Kind, Pathway, Requirement

if TYPE_CHECKING:
    from stillwatch.verification.ladder.case import Step

DAY = 86_400.0  # seconds
_OF_STEP = {"email": "email_confirmed", "identity": "identity_document"}  # of steps that show one kind of fact alone
_LOGINS = "oidc"  # vendor of logins at organisations (organizations/logins.py)


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing shown for one account. Empty, or None, where it was not told."""

    account_id: str
    kind: str  # of pathways.toml
    at: float  # seconds since 1970
    by: str = ""  # the vendor, or whoever of the provider took it
    expires: float | None = None  # seconds since 1970; None for as its kind says
    reviewed_by: str = ""  # the person who read it, where its kind asks for one
    domain: str = ""  # the mail domain then
    domain_since: float | None = None  # when that had been registered, seconds since 1970
    domain_listed: bool | None = None  # whether lists of academic domains had it then
    organization_id: str = ""  # that the account stood under then
    organization: str = ""  # as it was shown: its name, or its domain
    payment_country: str = ""  # ISO 3166 alpha-2
    case: str = ""  # of the ladder, in which it was shown
    revoked: float | None = None  # when whoever had said so took it back, seconds since 1970

    @property
    def same(self) -> tuple[str, str, str, float]:
        """By which a row that takes it back is known to be about it."""
        return self.account_id, self.kind, self.case, self.at


def ends(proof: Proof, kind: Kind) -> float:
    """When it is believed no longer, seconds since 1970; the earliest of its own end, its kind's and its being taken back."""
    by_kind = proof.at + kind.valid_days * DAY if kind.valid_days else float("inf")
    return min(by_kind, *(float("inf") if one is None else one for one in (proof.expires, proof.revoked)))


def stands(proof: Proof, kind: Kind, now: float) -> bool:
    """Whether it is believed at `now`: shown by then, not run out, and read by a person where its kind asks for that."""
    return proof.at <= now < ends(proof, kind) and (bool(proof.reviewed_by) or not kind.reviewed)


def missing(pathway: Pathway, shown: Mapping[str, Proof], now: float) -> list[Requirement]:
    """What a pathway requires and `shown` (by kind of fact) does not answer at `now`, in the order of the file."""
    return [
        one
        for one in pathway.requires
        if not any(kind.name in shown and stands(shown[kind.name], kind, now) for kind in one.any_of)
    ]


def newest(proofs: Iterable[Proof], kinds: Mapping[str, Kind]) -> dict[str, dict[str, Proof]]:
    """By account and kind, the proof that lasts longest; one that a person read before one that waits for that.

    One that was taken back is so wherever else it is written.
    """
    proofs = list(proofs)
    taken_back = {one.same: one for one in proofs if one.revoked is not None}
    made: dict[str, dict[str, Proof]] = {}
    for proof in (taken_back.get(one.same, one) for one in proofs):
        mine, kind = made.setdefault(proof.account_id, {}), kinds[proof.kind]
        there = mine.get(proof.kind)
        if there is None or _rank(proof, kind) > _rank(there, kind):
            mine[proof.kind] = proof
    return made


def _rank(proof: Proof, kind: Kind) -> tuple[bool, float, float]:
    return bool(proof.reviewed_by) or not kind.reviewed, ends(proof, kind), proof.at


def proved(
    step: Step, account_id: str, case: str, kinds: Mapping[str, Kind], academic: Callable[[str], bool]
) -> list[Proof]:
    """What a passed step proves: the kinds that its facts name, that its step shows, or that a login does. Nobody has read it.

    A login proves an enrolment only where `academic` says so of the organisation that was logged in at: anybody can have one.
    """
    if step.state != "passed":
        return []
    facts = dict(step.facts)
    names = {*facts, _OF_STEP.get(step.step, "")}
    organization = facts.get("organization", "")
    if step.vendor == _LOGINS and organization:
        names |= {"organization_login", *(["institution_login"] if academic(organization) else [])}
    return [
        Proof(account_id, name, step.at, step.vendor, organization=organization, case=case)
        for name in kinds
        if name in names
    ]


def read(path: Path, kinds: Mapping[str, Kind], aside: Counter[str]) -> list[Proof]:
    """Proofs of a file of JSON lines, one object a line; what is none is counted in `aside` with its reason."""
    made = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as problem:
        raise BadConfiguration(f"proofs not readable: {problem.strerror}", str(path), "JSON lines") from None
    for line in lines:
        if line.strip():
            proof = _proof(line, kinds)
            if isinstance(proof, Proof):
                made.append(proof)
            else:
                aside[proof] += 1
    return made


def row(proof: Proof) -> dict[str, Any]:
    """A proof as an object of such a file, what was not told left out."""
    return {name: value for name, value in asdict(proof).items() if value not in ("", None)}


def line(proof: Proof) -> bytes:
    """The same as one line."""
    return orjson.dumps(row(proof)) + b"\n"


_TYPES: dict[str, tuple[type, ...]] = {
    "at": (int, float), "expires": (int, float), "domain_since": (int, float), "domain_listed": (bool,),
    "revoked": (int, float),
}  # fmt: skip


def _proof(line: bytes, kinds: Mapping[str, Kind]) -> Proof | str:
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        return "not a JSON object"
    row = {name: value for name, value in row.items() if value is not None}
    unknown = sorted(set(row) - {one.name for one in fields(Proof)})
    if unknown:
        return f"no such field: {', '.join(unknown)}"
    if not {"account_id", "kind", "at"} <= set(row):
        return "without account_id, kind or at"
    for name, value in row.items():
        allowed = _TYPES.get(name, (str,))
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            return f"{name} is not of the right type"
    if row["kind"] not in kinds:
        return f"no such kind of fact: {row['kind'][:40]}"
    return Proof(**row)
