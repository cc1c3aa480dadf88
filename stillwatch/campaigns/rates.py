"""The rates that are compared between a cluster's members and everybody else, by the finding they bear on."""

from __future__ import annotations

from stillwatch.campaigns.observation import Rate

RATES: tuple[Rate, ...] = (
    # extraction: what training wants, and people do not
    Rate(
        "chain_of_thought",
        "extraction",
        "{observed:.0%} of a member's exchanges ask the model to write out its inner reasoning; {expected:.1%} elsewhere",
        "asking for a rationale is good practice, and an auditor or a teacher asks for it all day",
    ),
    Rate(
        "rubric_grading",
        "extraction",
        "{observed:.0%} of a member's exchanges have answers graded by a rubric; {expected:.1%} elsewhere",
        "a product that judges its own answers, or an evaluation",
    ),
    Rate(
        "trace_reconstruction",
        "extraction",
        "{observed:.0%} of a member's exchanges try to reconstruct hidden reasoning; {expected:.1%} elsewhere",
        "a security test that was agreed with the provider",
    ),
    Rate(
        "replayed",
        "extraction",
        "{observed:.0%} of a member's exchanges redeem a reasoning token that was redeemed in another session or by another "
        "customer before; {expected:.1%} elsewhere",
        "a conversation that was exported and taken up again elsewhere",
        cap=2.0,  # on a first turn the same token counts as trace reconstruction too
    ),
    Rate(
        "one_shot",
        "extraction",
        "{observed:.0%} of a member's exchanges are first turns that nobody follows up; {expected:.0%} elsewhere",
        "a pipeline in a product never follows up either",
        cap=2.0,
    ),
    Rate(
        "focus",
        "extraction",
        "{observed:.0%} of a member's exchanges go to one capability; {expected:.0%} elsewhere",
        "a product does one thing all day",
        cap=2.0,
    ),
    Rate(
        "quiet_hours",
        "extraction",
        "a member rests in {observed:.1f} hours of the day; others in {expected:.1f}",
        "a scheduled job does not sleep; an account of many people does not either",
        scale="count",
        lower=True,
        cap=2.0,
    ),
    Rate(
        "exchanges",
        "extraction",
        "a member sent {observed:,.0f} exchanges; others {expected:,.0f}",
        "heavy use is what the product is sold for",
        scale="count",
        cap=2.0,
    ),
    # fraud: identities that are not what they claim
    Rate(
        "banned",
        "fraud",
        "{observed:.0%} of the members were banned or suspended before; {expected:.1%} of others",
        "bans can be wrong, and one wrong ban of a customer repeats for colleagues",
    ),
    Rate(
        "payment_abroad",
        "fraud",
        "{observed:.0%} of the members pay from another country than the one they declared; {expected:.0%} of others",
        "people who moved, and staff of foreign firms",
        cap=2.0,
    ),
    Rate(
        "unverified",
        "fraud",
        "{observed:.0%} of the members never verified more than a mail address; {expected:.0%} of others",
        "most small customers never had to",
        cap=1.5,
    ),
    Rate(
        "programme",
        "fraud",
        "{observed:.0%} of the members came in through education, research or start-up programmes; {expected:.0%} of others",
        "a course, a laboratory, an incubator",
        cap=2.0,
    ),
    # covertness: one operator that looks like many customers
    Rate(
        "hosting",
        "covertness",
        "{observed:.0%} of a member's exchanges come from hosting or VPN networks; {expected:.0%} elsewhere",
        "servers run in hosting networks, and privacy-minded people use VPNs",
        cap=2.0,
    ),
    Rate(
        "addresses",
        "covertness",
        "a member used {observed:,.0f} addresses; others {expected:,.0f}",
        "travellers, mobile phones and cloud runners change addresses as well",
        scale="count",
        cap=3.0,
    ),
    Rate(
        "countries",
        "covertness",
        "a member's addresses lie in {observed:.1f} countries; others' in {expected:.1f}",
        "travellers and VPN users",
        scale="count",
        cap=2.0,
    ),
    Rate(
        "away",
        "covertness",
        "{observed:.0%} of a member's exchanges come from another country than the declared one; {expected:.0%} elsewhere",
        "people who moved or travel, and servers abroad; it is the mismatch that counts, never which country",
        cap=2.0,
    ),
    Rate(
        "client_mismatch",
        "covertness",
        "{observed:.1%} of a member's exchanges name a client whose TLS fingerprint they do not have; {expected:.1%} elsewhere",
        "a corporate proxy that re-encrypts",
        cap=3.0,
    ),
    Rate(
        "fresh",
        "covertness",
        "{observed:.0%} of the members were in full use within a week of sign-up; {expected:.0%} of others",
        "an employer-paid account is used hard from its first day",
        cap=2.0,
    ),
)
