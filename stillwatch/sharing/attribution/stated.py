"""What is stated beforehand: how likely each hypothesis is, what evidence is worth at most, and why.

These are judgements, made before any case and written down, and not shares that were counted: nobody has a sample of campaigns
whose actors are known. Made worlds (seeds 260 to 262) were looked at for `costly_values`, `planted`, `bought`, `circumstance`,
`of_stranger` and what traffic of others is worth; docs/decisions/0030-attribution.md has how far it all holds on others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

IDENTITY, INFRASTRUCTURE, CLIENT, TEXTS = "identity", "infrastructure", "client", "texts"
SOUGHT, TIMING, PARTNERS, MIXTURE = "sought", "timing", "partners", "mixture"
FAMILIES = (IDENTITY, INFRASTRUCTURE, CLIENT, TEXTS, SOUGHT, TIMING, PARTNERS, MIXTURE)
FAMILY = {
    "payment": IDENTITY, "device": IDENTITY, "phone": IDENTITY, "email-addr": IDENTITY,
    "ipv4-addr": INFRASTRUCTURE, "ipv6-addr": INFRASTRUCTURE, "domain-name": INFRASTRUCTURE,
    "tls": CLIENT, "headers": CLIENT, "user-agent": CLIENT, "template": TEXTS,
}  # fmt: skip

# What an adversary plants at little cost: it rents the address, sets the header, sends the prompt, and partners see that too.
PLANTABLE = (INFRASTRUCTURE, CLIENT, TEXTS, PARTNERS)


def _elsewhere() -> Mapping[str, float]:
    return {
        "payment": 0.02,  # a card is stolen or sold on
        "device": 0.03,  # fingerprints of devices meet, and are copied by anti-detect browsers
        "phone": 0.05,  # numbers are rented by the hour
        "email-addr": 0.03,
        "ipv4-addr": 0.10,  # addresses are rented and given out again
        "ipv6-addr": 0.10,
        "domain-name": 0.08,
        "tls": 0.4,  # a library's, and set at will
        "headers": 0.4,
        "user-agent": 0.5,  # a sentence that the client says of itself
        "template": 0.15,  # prompts are published, sold and copied
    }


def _at_most() -> Mapping[str, float]:
    return {
        IDENTITY: 6.0,  # what one has to hold: still a stolen card, or a mule of two
        INFRASTRUCTURE: 3.0,
        CLIENT: 0.5,  # said by the client of itself
        TEXTS: 2.0,
        SOUGHT: 1.5,  # all want code and reasoning
        TIMING: 3.0,
        PARTNERS: 3.0,
        MIXTURE: 1.5,
    }


@dataclass(frozen=True)
class Stated:
    """Chances are 0..1, evidence is in bits (log2 of a likelihood ratio, against an unknown actor)."""

    # Before anything is seen, of campaigns that are no honest customer's.
    known: float = 0.25  # one of the library's, each as likely: most who could do it are in nobody's library
    most_each: float = 0.05  # of one actor: whoever is the only one in a library is not the likelier for that
    network: float = 0.25  # a reseller whose harvest cannot be laid to one tenant
    least_honest: float = 0.05  # an honest developer's, however sure detection is: it errs in ways it does not know
    # Indicators.
    recurs: float = (
        0.3  # that a value of an actor turns up in a further campaign of its: they are replaced after each ban
    )
    of_tenant: float = 0.3  # that a tenant's campaign shows a value of the network
    of_network: float = 0.5  # that a campaign of the network's own does
    of_stranger: float = 0.3  # that one of an unknown actor does: nobody knows all tenants
    of_honest: float = 0.05  # that honest customers do: they buy from resellers as well
    none_shown: float = 0.6  # that a campaign of an actor with a fresh list shows none of it, over that of any other
    fresh_days: int = 180  # since a list was reviewed, from when on its silence says nothing
    fewest_listed: int = 3  # values, below which silence says nothing
    elsewhere: Mapping[str, float] = field(default_factory=_elsewhere)  # that a value turns up with somebody else
    # Everything else.
    same_texts: float = 0.35  # that two campaigns of one actor have most words in common
    strangers_texts: float = 0.04  # that two of different ones do: prompts leak
    choices: float = 4.0  # independent choices that a mix of capabilities is worth: exchanges of one plan are none
    to_sought: float = 0.7  # share of its harvest that goes to what an actor is known to want
    carried: float = 0.4  # share of harvest among exchanges, below which most of the traffic is somebody else's
    at_most: Mapping[str, float] = field(default_factory=_at_most)  # bits of one family
    planted: float = 4.0  # bits of all that can be planted together: a false flag is one decision, not many
    bought: float = 5.0  # bits of that and of all cards and devices: whoever is ready to pay for a flag can have both
    circumstance: float = 6.0  # bits of all there is, where no value was hard to get: it is alike, or it coincides
    costly_values: int = (
        3  # cards, devices, numbers, from which they are not thought to be planted: one is bought for little
    )
    next_of_source: float = 0.5  # what the next value of one kind from one source counts of the one before

    def prior(self, actors: int, confidence: float) -> tuple[float, float, float, float]:
        """Of one actor, a network, an unknown one, an honest developer; `confidence` is what detection left of the last."""
        honest = max(1.0 - confidence, self.least_honest)
        rest = 1.0 - honest
        known = min(self.known, actors * self.most_each)
        return (
            rest * known / max(actors, 1),
            rest * self.network,
            rest * (1.0 - known - self.network),
            honest,
        )
