"""Findings and confidence: each from its own reasons, and a campaign needs three of a kind at once."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.judgement import LIKELY, OPEN, confidence, findings, innocent_explanations, response
from stillwatch.config import Config
from stillwatch.evidence import FINDINGS, Reason

CONFIG = Config().campaigns
STRONG = CONFIG.prior_bits + 6


def reason(finding: str, weight: float, code: str = "x") -> Reason:
    return Reason(code, f"{code} was seen", weight, "somebody else", finding)


def judged(**bits: float) -> dict[str, Any]:
    return findings([reason(finding, weight) for finding, weight in bits.items()], CONFIG)


def test_a_finding_knows_its_own_reasons_only() -> None:
    found = judged(coordination=STRONG)
    assert list(found) == list(FINDINGS)
    assert found["coordination"].score > LIKELY and found["coordination"].observations == ["x was seen"]
    assert all(found[name].score < OPEN and not found[name].observations for name in FINDINGS[1:])


def test_the_prior_is_what_reasons_have_to_outweigh() -> None:
    assert judged(fraud=CONFIG.prior_bits)["fraud"].score == pytest.approx(0.5)
    assert judged()["fraud"].score == pytest.approx(2**-CONFIG.prior_bits / (1 + 2**-CONFIG.prior_bits))


def test_innocence_takes_off() -> None:
    both = findings([reason("fraud", STRONG), reason("fraud", -STRONG)], CONFIG)
    assert both["fraud"].score == judged()["fraud"].score
    assert len(both["fraud"].observations) == 2, "what was weighed is told"


@pytest.mark.parametrize(
    "bits, campaign",
    [
        ({"coordination": STRONG, "extraction": STRONG, "fraud": STRONG}, True),
        ({"coordination": STRONG, "extraction": STRONG, "covertness": STRONG}, True),
        ({"coordination": STRONG, "extraction": STRONG}, False),
        ({"coordination": STRONG, "fraud": STRONG, "covertness": STRONG}, False),
        ({"extraction": STRONG, "fraud": STRONG, "covertness": STRONG}, False),
    ],
    ids=["fraudulent", "covert", "an honest enterprise", "a family of frauds", "strangers"],
)
def test_a_campaign_needs_all_of_it(bits: dict[str, float], campaign: bool) -> None:
    assert (confidence(judged(**bits), CONFIG) >= Config().standing.campaign_score) is campaign


@pytest.mark.parametrize("bits, place", [(STRONG, 0), (CONFIG.prior_bits, 1), (0.0, 2)])
def test_the_inference_says_no_more_than_the_score(bits: float, place: int) -> None:
    sentences = [judged(covertness=one)["covertness"].inference for one in (STRONG, CONFIG.prior_bits, 0.0)]
    assert len(set(sentences)) == 3
    assert judged(covertness=bits)["covertness"].inference == sentences[place]


def test_explanations_tell_what_was_taken_off_and_what_it_leaves() -> None:
    reasons = [
        reason("fraud", 3.0, "cards"),
        reason("covertness", 2.0, "vpn"),
        reason("fraud", -4.0, "one_organization"),
    ]
    told = innocent_explanations(reasons, findings(reasons, CONFIG))
    assert told[0] == {"explanation": "one_organization was seen", "weighed": "taken off fraud: 4.0 bits"}
    assert "would explain 3.0 bits of fraud, not the other 2.0 bits" in told[1]["weighed"]


def test_a_response_is_a_proposal() -> None:
    strong, weak = judged(fraud=STRONG), judged()
    assert response(0.9, strong) != response(0.5, strong) != response(0.1, weak)
    assert response(0.1, weak).startswith("watch")
