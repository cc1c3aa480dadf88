"""A package in plain words, for people who read no STIX: what was observed, what is inferred, what it is not, what is asked.

Everything in it stands in the package: whoever approved that, approved this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.render.wording import count, listed, number, span
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.outgoing.likelihood import likely
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.table import kinds
from stillwatch.sharing.stix.exported import Object

SHOWN = 12  # values of a kind; the table of indicators has all
HANDLING = {
    "TLP:CLEAR": "It may be passed on without limit.",
    "TLP:GREEN": "It may be passed on within your community, and not by channels that anybody can read.",
    "TLP:AMBER": "It is for your organisation and those of its clients who need to know; nobody else.",
    "TLP:AMBER+STRICT": "It is for those in your organisation who need to know, and for nobody outside of it.",
}
NAMELESS = (
    "It names nobody.",
    "The operator is a hypothesis: that one hand directs these accounts. Whose hand it is, traffic does not say.",
)
NAMED = (
    "A name in it is no proven identity.",
    "It is an assessment of who may be behind this, from what was seen and what others published. Traffic proves nobody's.",
)
NOT = (
    (
        "It says nothing of nationality.",
        "Where an account signs up or connects from has no part in what was found, and no nationality may be read into it.",
    ),
    (
        "It is no proof that a model was trained.",
        "Answers were collected in the way in which training data are collected. What became of them was not seen.",
    ),
    (
        "It is no finding about single persons.",
        "An account of the campaign may be that of somebody whose key was stolen, or who bought access in good faith.",
    ),
    (
        "An indicator is no verdict.",
        "Others show the same values for ordinary reasons. One is a cause to look, never alone a cause to block, close or "
        "report an account.",
    ),
    (
        "Training on a model's answers is not wrong in itself.",
        "It is common, and lawful where it is agreed. What is described here was hidden and not agreed, as far as can be told "
        "from outside.",
    ),
)
UNNAMED = "Unnamed operator"  # what an export calls one, whoever it is
ASKED = {
    "provider": (
        "Look for the indicators in your own logs, and look at what else these accounts do before you conclude anything.",
        "Tell us what you saw and what you did not: how many accounts, since when, and whether an ordinary explanation fits.",
        "Tell us if an indicator points at honest customers of yours. It will be withdrawn from everybody who got it.",
    ),
    "cloud": (
        "Look whether the networks and accounts named here belong to one customer of yours or to many unrelated ones.",
        "Tell us if the answer is many: then the indicator is withdrawn.",
        "Preserve, under your own rules, what would be needed if the question were asked with legal process.",
    ),
    "authority": (
        "Read this as information about a method and its extent. It asks for no measure against any person or organisation.",
        "Tell us if it touches something that you know of, and by which way we may ask.",
        "Ask for what is not in here, such as records of accounts, by legal process; it is not given otherwise.",
    ),
}
FINDINGS = {  # in the order in which they are told
    "coordination": "Are these accounts run together?",
    "extraction": "Is the traffic collected to train a model?",
    "fraud": "Were the accounts obtained by deceit?",
    "covertness": "Is the operation hidden?",
}
_AGREED = {
    "strongly-agree": "What was observed speaks strongly for it.",
    "agree": "What was observed speaks for it.",
    "neutral": "What was observed does not decide it.",
    "disagree": "What was observed speaks against it.",
    "strongly-disagree": "What was observed speaks strongly against it.",
}
_HEAD = re.compile(r"^Inferred of \w+ \(score [\d.]+ of 1\): ")  # which the question says, and the words for how sure
KINDS = {  # of indicators: what one is, for people
    "template": "prompt template, by its fingerprint",
    "template_skeleton": "words that a template's prompts share; ⟨…⟩ stands for what differs",
    "payment": "card or bank account, hashed under the key that you and we share",
    "device": "device, hashed under the key that you and we share",
    "tls": "TLS fingerprint of the client (JA4)",
    "header": "order of HTTP headers, hashed",
    "client": "client program and version",
    "client_build": "TLS fingerprint, headers and client version together",
    "domain-name": "mail domain",
    "email_pattern": "form of mail address at a domain; letters and digits counted, no address",
    "autonomous-system": "network (AS number); most of its users have nothing to do with this",
    "ipv4-addr": "network address",
    "ipv6-addr": "network address",
    "url": "web address",
    "pattern": "pattern of another kind",
}


@dataclass(frozen=True)
class Asked:
    """One of the four questions about a campaign."""

    question: str
    observed: tuple[str, ...]
    inferred: tuple[str, ...]
    agreed: str


@dataclass(frozen=True)
class Told:
    """A campaign."""

    name: str
    when: str
    sure: str  # of the campaign
    operator: str  # how sure, that one hand is behind it; empty when nothing is said
    whose: str
    facts: tuple[tuple[str, str], ...]
    questions: tuple[Asked, ...]
    weighed: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """Indicators of one kind."""

    what: str
    many: int
    values: tuple[tuple[str, str, str], ...]  # value, how sure, until when


@dataclass(frozen=True)
class Brief:
    """The whole."""

    title: str
    marking: str
    handling: str
    producer: str
    to: str
    contact: str
    digest: str
    campaigns: tuple[Told, ...]
    indicators: tuple[Shown, ...]
    techniques: tuple[tuple[str, str], ...]  # name, id
    asked: tuple[str, ...]
    is_not: tuple[tuple[str, str], ...]
    revoked: bool  # it takes back what was told before

    @property
    def summary(self) -> str:
        """In two sentences."""
        if self.revoked:
            return (
                "What you were told before is withdrawn. Delete the indicators by their ids, and undo what was done because "
                "of them."
            )
        many = sum(one.many for one in self.indicators)
        told = f"tells you {count(many, 'indicator')} to look by" if many else "has no indicator that could be told"
        return (
            f"{self.producer} found {count(len(self.campaigns), 'group')} of accounts collecting a model's answers, and "
            f"{told}. What was seen and what is inferred from it are kept apart below."
        )


def brief(bundle: Bundle, partner: Partner, contact: str) -> Brief:
    """`contact`: whom the reader asks."""
    objects = bundle.objects
    producer = (bundle.producer or {}).get("name") or "A provider"
    revoked = any(one.get("revoked") for one in objects)
    found = [one for one in objects if one["type"] == "campaign"]
    title = found[0]["name"][:1].upper() + found[0]["name"][1:] if len(found) == 1 else "Indicators of distillation"
    if len(found) > 1:
        title = f"{len(found):,} campaigns that collect a model's answers"
    return Brief(
        title=f"Withdrawn: {title}" if revoked else title,
        marking=bundle.marking,
        handling=HANDLING[bundle.marking],
        producer=producer,
        to=partner.name,
        contact=contact,
        digest=bundle.digest,
        campaigns=tuple(_told(one, objects) for one in found),
        indicators=tuple(_shown(objects)),
        techniques=tuple(_techniques(objects)),
        is_not=(NAMED if _named(objects) else NAMELESS, *NOT),
        asked=() if revoked else ASKED[partner.kind],
        revoked=revoked,
    )


def _named(objects: Sequence[Object]) -> bool:
    operators = [one for one in objects if one["type"] in ("intrusion-set", "threat-actor")]
    return not all(str(one.get("name", "")).startswith(UNNAMED) for one in operators)


def _told(campaign: Object, objects: Sequence[Object]) -> Told:
    about = [one for one in objects if campaign["id"] in one.get("object_refs", ())]
    operators = {
        one["target_ref"] for one in objects
        if one.get("relationship_type") == "attributed-to" and one.get("source_ref") == campaign["id"]
    }  # fmt: skip
    behind = [one for one in objects if one["id"] in operators]
    when = span(campaign["first_seen"], campaign["last_seen"]) if {"first_seen", "last_seen"} <= campaign.keys() else ""
    return Told(
        campaign["name"], when, likely(campaign.get("confidence")), likely(behind[0].get("confidence")) if behind else "",
        f"it is called {behind[0]['name']}, as an assessment and no more" if _named(behind) else "whose, is not claimed",
        tuple(_facts(campaign)), tuple(_questions(about)),
        tuple(line for one in about if "weighed" in one.get("labels", ()) for line in _lines(one.get("content", ""))),
    )  # fmt: skip


def _facts(campaign: Object) -> Iterable[tuple[str, str]]:
    ours: dict[str, Any] = {}
    for part in campaign.get("extensions", {}).values():
        ours |= part if isinstance(part, dict) else {}
    for name, label in (
        ("accounts", "accounts"), ("exchanges", "exchanges"), ("harvested_exchanges", "of them harvested"),
        ("output_tokens", "tokens of answers"),
    ):  # fmt: skip
        if isinstance(ours.get(name), int | float):
            yield label, number(ours[name])


def _questions(about: Sequence[Object]) -> Iterable[Asked]:
    for name, question in FINDINGS.items():
        of = [one for one in about if name in one.get("labels", ())]
        observed = [line for one in of if one["type"] == "note" for line in _lines(one.get("content", ""))]
        opinions = [one for one in of if one["type"] == "opinion"]
        if observed or opinions:
            agreed = next((_AGREED.get(one.get("opinion", ""), "") for one in opinions), "")
            inferred = tuple(_HEAD.sub("", one.get("explanation", "")) for one in opinions)
            yield Asked(question, tuple(observed), inferred, agreed)


def _shown(objects: Sequence[Object]) -> Iterable[Shown]:
    by_kind: dict[str, list[tuple[Object, str]]] = {}
    for kind, one, value in kinds(objects):
        by_kind.setdefault(kind, []).append((one, value))
    for kind, rows in by_kind.items():
        surest = sorted(rows, key=lambda row: (-row[0].get("confidence", 0), row[1]))
        shown = [(value, likely(one.get("confidence")), one.get("valid_until", "")) for one, value in surest[:SHOWN]]
        yield Shown(KINDS.get(kind, kind), len(rows), tuple(shown))


def _techniques(objects: Sequence[Object]) -> Iterable[tuple[str, str]]:
    for one in objects:
        if one["type"] == "attack-pattern":
            ids = [ref["external_id"] for ref in one.get("external_references", ()) if "external_id" in ref]
            yield one.get("name", ""), listed(ids)


def _lines(content: str) -> list[str]:
    """Of a list as notes have them."""
    return [line.removeprefix("- ").strip() for line in content.splitlines() if line.strip()]
