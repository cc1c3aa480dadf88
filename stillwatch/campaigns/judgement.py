"""From reasons to findings, from findings to one confidence.

Each finding starts at the prior's odds against it and gains or loses the bits of its reasons. A campaign needs
coordination and extraction and one of fraud and covertness, so their probabilities multiply: an honest enterprise is
coordinated and extracts nothing covertly, a family shares a card and extracts nothing at all. The product takes the
findings for independent, and they are not: of clusters with three middling ones, more are campaigns than it says. How
many more is one number of bits, fitted on worlds (Platt, "Probabilistic outputs for support vector machines", 1999, with
the slope left at one; docs/decisions/0009-calibration.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from stillwatch.campaigns.observation import bits_of, odds
from stillwatch.config import Campaigns
from stillwatch.evidence import FINDINGS, Finding, Reason

_INFERENCE = {
    "coordination": (
        "One operator directs these accounts.",
        "The accounts have things in common, but not enough to say that one operator directs them.",
        "Nothing says that the accounts act together.",
    ),
    "extraction": (
        "The traffic collects answers of the kind that models are trained on.",
        "Some of the traffic could serve training; it could serve a product as well.",
        "Nothing says that answers are collected for training.",
    ),
    "fraud": (
        "The accounts were obtained with identities or payments that are not what they claim.",
        "Some registrations look wrong; each has an ordinary explanation.",
        "Nothing says that the registrations are false.",
    ),
    "covertness": (
        "The operator hides that these accounts are one customer.",
        "Some traits would hide a common operator; each has an ordinary explanation.",
        "Nothing says that anything is hidden.",
    ),
}
LIKELY, OPEN = 0.7, 0.3  # scores from which the first and the second sentence is used: well above and below even


def findings(reasons: Sequence[Reason], config: Campaigns) -> dict[str, Finding]:
    """The four findings, each from its own reasons only."""
    result = {}
    for name in FINDINGS:
        own = [reason for reason in reasons if reason.finding == name]
        score = odds(sum(reason.weight for reason in own) - config.prior_bits)
        sentence = _INFERENCE[name][0 if score >= LIKELY else 1 if score >= OPEN else 2]
        result[name] = Finding(score=score, observations=[reason.text for reason in own], inference=sentence)
    return result


def confidence(found: dict[str, Finding], config: Campaigns) -> float:
    """Calibrated probability, 0..1, that this is covert or fraudulent, coordinated extraction."""
    hidden = 1 - (1 - found["fraud"].score) * (1 - found["covertness"].score)
    product = found["coordination"].score * found["extraction"].score * hidden
    return odds(bits_of(product) + config.together_bits)


def innocent_explanations(reasons: Sequence[Reason], found: dict[str, Finding]) -> list[dict[str, str]]:
    """What an ordinary group would have to be to show all this, and how far the evidence goes against it."""
    against = [reason for reason in reasons if reason.weight < 0]
    explained = [
        {"explanation": reason.text, "weighed": f"taken off {reason.finding}: {-reason.weight:.1f} bits"}
        for reason in against
    ]
    strongest = sorted((r for r in reasons if r.weight > 0), key=lambda r: -r.weight)
    for reason in strongest[:5]:
        others = [r for r in strongest if r.finding != reason.finding]
        explained.append(
            {
                "explanation": f"{reason.code.replace('_', ' ')}: {reason.innocent_explanation}",
                "weighed": (
                    f"would explain {reason.weight:.1f} bits of {reason.finding}, not the other "
                    f"{sum(r.weight for r in others):.1f} bits of other findings"
                ),
            }
        )
    return explained


def response(score: float, found: dict[str, Finding]) -> str:
    """What to do next: a proposal to a person, never an act."""
    if score >= LIKELY and found["fraud"].score >= LIKELY:
        return "open a case; require verification of harvesters together, rotate victims' keys, leave carriers alone"
    if score >= OPEN:
        return "open a case; lower limits on own templates and ask the operators to identify themselves"
    return "watch; collect more before anybody is asked anything"
