"""One campaign's hypotheses as they are told: ids for names, likelihood apart from confidence, and what would change it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from stillwatch.sharing.attribution.actors import Library
from stillwatch.sharing.attribution.hypotheses import HONEST, NETWORK, UNKNOWN, Piece, Weighed, priors, weighed, without
from stillwatch.sharing.attribution.pieces import pieces, stale
from stillwatch.sharing.attribution.seen import Seen
from stillwatch.sharing.attribution.stated import PLANTABLE, Stated
from stillwatch.sharing.attribution.words import CONFIDENCES, bounded, grounds, judgement, told, word

SCHEMA_VERSION = 1
GOOD = 0.8  # chance that a source is right, from which it is a good one: B2
_BEARS = 0.5  # bits for the likeliest hypothesis, from which a piece bears it
_KINDS = {
    "indicator:identity": "the payments, devices and mailboxes", "indicator:infrastructure": "the addresses and domains",
    "indicator:client": "what clients say of themselves", "indicator:texts": "the templates that were listed",
    "nothing_shown": "the silence of the lists", "sought": "what is asked for", "same_texts": "the likeness of the texts",
    "partner": "what partners say", "carried": "the traffic of others", "timing": "the timing",
}  # fmt: skip
LIMITS = (
    "An assessment of who may be behind the campaign, for analysts. It is no finding, changes no score, verdict or response, "
    "and names nobody: ids stand for actors until two persons have confirmed a name (stillwatch share name)."
)


@dataclass(frozen=True)
class Assessment:
    """What is said of one campaign."""

    campaign: str
    day: str
    weighed: Weighed
    confidence: str  # low, moderate or high: of the grounds, not of the likelihood
    why: str
    changes: tuple[str, ...]  # what would change the judgement
    silent: tuple[str, ...]  # what could not be said

    def likelihood(self, hypothesis: str) -> float:
        """0.01..0.99."""
        return bounded(self.weighed.likelihood[hypothesis])


def assess(seen: Seen, library: Library, seed: int, stated: Stated | None = None) -> Assessment:
    """Weigh everything that was seen; the same seen and library give the same assessment."""
    stated = stated or Stated()
    found, silent = pieces(seen, library, stated, seed)
    prior = priors([one.id for one in library.actors], seen.confidence, stated)
    sum_of = weighed(prior, found, stated)
    level, why = _confidence(sum_of, library, seen, stated)
    changes = _changes(sum_of, stated)
    return Assessment(seen.campaign, seen.day.isoformat(), sum_of, level, why, changes, tuple(silent))


def sentence(hypothesis: str) -> str:
    """What a hypothesis says, to go after 'that'."""
    return {
        NETWORK: "a reseller or proxy network runs the accounts for several tenants, none of whom can be singled out",
        UNKNOWN: "an actor that is not in the library is behind it",
        HONEST: "an honest developer runs the accounts for its own work, and nothing was taken",
    }.get(hypothesis, f"{hypothesis} is behind it")


def _bears(found: Weighed) -> list[Piece]:
    return [one for one in found.pieces if (one.counted or {}).get(found.first, 0.0) >= _BEARS]


def _confidence(found: Weighed, library: Library, seen: Seen, stated: Stated) -> tuple[str, str]:
    """How good the grounds are: how many kinds and sources bear the judgement, how good they are, how old the list is."""
    bears = _bears(found)
    kinds = {one.family for one in bears}
    good = {one.source for one in bears if one.source and one.right >= GOOD}
    costly = kinds - set(PLANTABLE)
    old = found.first in library.by_id() and stale(library.by_id()[found.first], seen.day, stated)
    if not bears:
        return CONFIDENCES[0], "nothing that was seen speaks for it; it stands on what was stated beforehand"
    lacks = []
    if len(kinds) < 2:
        lacks.append("a single kind of evidence bears it")
    if not costly:
        lacks.append("all that bears it could be planted")
    if len(good) < 2:
        lacks.append("fewer than two good sources that do not depend on each other bear it")
    if old:
        lacks.append(f"what is kept of {found.first} was not reviewed within {stated.fresh_days} days")
    if not lacks:
        return CONFIDENCES[2], "several kinds of evidence and good sources bear it, some of which costs much to plant"
    weak = len(kinds) < 2 or not costly
    return CONFIDENCES[0 if weak else 1], "; ".join(lacks)


def _changes(found: Weighed, stated: Stated) -> tuple[str, ...]:
    """Which evidence the judgement hangs on, and which would move it."""
    said, now = [], word(found.likelihood[found.first])
    for code in dict.fromkeys(one.code for one in found.pieces):
        then = without(found, code, stated)
        if word(then.likelihood[found.first]) != now or then.first != found.first:
            ahead = "" if then.first == found.first else f", and {_short(then.first)} would come first"
            kind = _KINDS[code]
            said.append(
                f"Without {kind}, that {sentence(found.first)} would be {told(word(then.likelihood[found.first]))}{ahead}."
            )
    if found.first in (NETWORK, UNKNOWN, HONEST):
        said.append(
            "A value that one actor alone is known by, and that costs much to plant, would speak for that actor."
        )
    else:
        said.append(f"The same values with somebody who is not {found.first} would speak against it.")
        if not any(one.code == "partner" for one in found.pieces):
            said.append(
                "No partner has said from its own platform whom it saw there; one who did would weigh either way."
            )
    return tuple(said)


def _short(hypothesis: str) -> str:
    return {NETWORK: "a network of several tenants", UNKNOWN: "an unknown actor", HONEST: "an honest developer"}.get(
        hypothesis, hypothesis
    )


def document(made: Assessment) -> dict[str, Any]:
    """As JSON."""
    found, names = made.weighed, list(made.weighed.prior)
    order = sorted(names, key=lambda name: (-found.likelihood[name], name))
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign_id": made.campaign,
        "as_of": made.day,
        "hypotheses": [_hypothesis(made, name) for name in order],
        "confidence": {"level": made.confidence, "sentence": grounds(made.confidence, made.why)},
        "evidence": [_piece(one, names) for one in found.pieces],
        "would_change": list(made.changes),
        "not_known": list(made.silent),
        "limits": LIMITS,
    }


def _hypothesis(made: Assessment, name: str) -> dict[str, Any]:
    likelihood, found = made.likelihood(name), made.weighed
    one = word(likelihood)
    return {
        "hypothesis": name,
        "is_actor": name not in (NETWORK, UNKNOWN, HONEST),
        "likelihood": one.term,
        "range": [one.low, one.high],
        "estimate": round(likelihood, 4),
        "stated_beforehand": round(found.prior[name], 4),
        "bits": round(found.bits[name], 3),
        "sentence": judgement(likelihood, sentence(name)),
    }


def _piece(one: Piece, names: Sequence[str]) -> dict[str, Any]:
    counted = one.counted or {}
    return {
        "code": one.code,
        "kind": one.family,
        "text": one.text,
        "source": one.source,
        "can_be_planted": one.family in PLANTABLE,
        "tells_apart": round(one.telling(names), 3),
        "bits": {name: round(counted[name], 3) for name in names if counted.get(name)},
        "bits_before_bounds": {name: round(one.bits[name], 3) for name in names if one.bits.get(name)},
    }


def digest(written: dict[str, Any]) -> str:
    """SHA-256 of an assessment, however it was spaced: what two persons who confirm a name have read."""
    return hashlib.sha256(orjson.dumps(written, option=orjson.OPT_SORT_KEYS)).hexdigest()
