"""A report as a scan might leave it: three campaigns, three look-alikes that were cleared. All of it is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from stillwatch.evidence import Campaign, Finding, Reason, ReleaseResponse, Report, Successor, TemplateUse, Turnover

QUERY = (
    "SELECT count(DISTINCT account_id) FROM accounts\n"
    "WHERE campaign_id = 'C-3f9a' AND payment IN (SELECT payment FROM accounts GROUP BY 1 HAVING count(*) > 8)"
)

DAILY = [
    *(310, 690, 1480, 2210, 2440, 3120, 3370, 3660, 3510, 2380, 2290, 3740, 6180, 7420),
    *(6880, 5130, 3300, 3160, 4480, 4610, 4590, 4320, 4210, 2870, 2790, 3960, 2810, 1490),
]

RELEASES = [
    {"model": "harbour-4", "released_at": "2026-06-30T16:00:00+00:00"},
    {"model": "harbour-4-mini", "released_at": "2026-07-14T16:00:00+00:00"},
]

PIVOT = {
    "at": "2026-07-15T00:00:00Z", "from": "judging", "to": "reasoning", "share_before": 0.62, "share_after": 0.81,
    "p_value": 0.001, "from_share_before": 0.34, "from_share_after": 0.15, "release": "harbour-4-mini",
}  # fmt: skip


def days(first: str, exchanges: list[int]) -> list[dict[str, Any]]:
    start = date.fromisoformat(first)
    return [
        {"day": (start + timedelta(days=place)).isoformat(), "exchanges": amount, "accounts": min(amount, 150)}
        for place, amount in enumerate(exchanges)
    ]


REASONS = [
    Reason(
        "shared_payment",
        "118 of 143 accounts were paid for with 9 cards, each of which pays for 8 to 21 accounts.",
        9.4,
        "one company pays for its staff; its accounts would share a domain and an organisation",
        "fraud",
        QUERY,
        118,
        3e-14,
    ),
    Reason(
        "rare_template",
        "71,204 prompts from 139 accounts follow 3 templates that nobody else uses.",
        8.1,
        "a product ships one prompt to many customers; it would be seen from unrelated payers and networks as well",
        "extraction",
        "SELECT count(*) FROM signals WHERE template_id IN ('T-91', 'T-14', 'T-77')",
        71204,
        2e-19,
    ),
    Reason(
        "lockstep",
        "The accounts work in shifts: when one stops, another takes over within 4 minutes in 83% of cases.",
        6.7,
        "a scheduler in one company spreads load over its own keys",
        "coordination",
        "SELECT avg(taken_over) FROM handovers WHERE campaign_id = 'C-3f9a'",
        0.83,
        0.00002,
    ),
    Reason(
        "release_shift",
        "61% of its traffic moved to harbour-4-mini within 20 hours; 19% of everybody else's did.",
        3.9,
        "keen customers try a new model on its first day",
        "extraction",
        "SELECT shift_share FROM release_response WHERE model = 'harbour-4-mini'",
        0.61,
        0.0004,
    ),
    Reason(
        "mixed_networks",
        "Traffic arrives from 212 access networks in 31 countries, one address rarely twice.",
        2.2,
        "people travel, and phones change networks",
        "covertness",
        "SELECT count(DISTINCT prefix) FROM signals WHERE campaign_id = 'C-3f9a'",
        212,
        0.03,
    ),
    Reason(
        "business_rhythm",
        "Volume falls by a third at weekends, as it does for companies.",
        -1.8,
        "an ordinary working week",
        "innocence",
        "SELECT weekend / weekday FROM rhythm WHERE campaign_id = 'C-3f9a'",
        0.66,
    ),
    Reason(
        "old_accounts",
        "11 accounts are older than a year and had a life of their own before.",
        -2.6,
        "long-standing customers; they are listed as possible victims",
        "innocence",
        "SELECT count(*) FROM accounts WHERE age_days > 365",
        11,
    ),
]


SWEEP = {
    "from": "2026-07-02T09:00:00+00:00",
    "until": "2026-07-04T03:00:00+00:00",
    "techniques": 12_040,
    "accounts": 60,
    "exchanges": 14_100,
    "refused_share": 0.85,
    "p_value": 1e-12,
}
UNCOVERED = {
    **SWEEP,
    "techniques": 731,
    "accounts": 412,
    "who": "accounts that nothing ties",
    "query": "SELECT 1 FROM technique_hours",
}


def reasoning_campaign() -> Campaign:
    return Campaign(
        sweeps=[SWEEP],
        campaign_id="C-3f9a",
        name="143 accounts on 9 payment cards, step-by-step mathematics and grading",
        accounts=143,
        exchanges=98_400,
        output_tokens=121_700_000,
        first_seen="2026-07-02T03:12:00+00:00",
        last_seen="2026-07-29T22:47:00+00:00",
        detected_at="2026-07-05T06:00:00+00:00",
        findings={
            "coordination": Finding(
                0.98,
                [
                    "143 accounts form one group; by chance a group so tight has 6.",
                    "One account takes over from another within 4 minutes in 83% of cases.",
                    "No two accounts ever ask the same question: 71,204 prompts, 71,190 distinct fillings.",
                ],
                "One scheduler hands one list of questions to all of these accounts.",
            ),
            "extraction": Finding(
                0.94,
                [
                    "74% of exchanges ask for worked mathematics, 22% for grading by a rubric.",
                    "88% ask for each step to be written out.",
                ],
                "The answers are collected as training data for reasoning, and graded for a reward model.",
            ),
            "fraud": Finding(
                0.81,
                [
                    "9 cards pay for 118 accounts.",
                    "96 accounts came through the education pathway with 4 address patterns.",
                ],
                "Most of the accounts were registered under identities made for the purpose.",
            ),
            "covertness": Finding(
                0.47,
                ["212 access networks in 31 countries; an address is rarely used twice."],
                "A residential proxy service may stand in front; this alone would not carry the case.",
            ),
        },
        confidence=0.991,
        capabilities=[
            {"name": "reasoning", "share": 0.74},
            {"name": "judging", "share": 0.22},
            {"name": "data_generation", "share": 0.03},
            {"name": "chat", "share": 0.01},
        ],
        elicitation={"chain_of_thought": 0.88, "rubric_grading": 0.22, "trace_reconstruction": 0.004},
        templates=[
            TemplateUse(
                "T-91",
                131,
                48_210,
                "You are a patient teacher of ⟨subject⟩. Solve the exercise below. Write out every step before the "
                "result, and name the rule that each step uses.\n\nExercise: ⟨text⟩",
            ),
            TemplateUse(
                "T-14",
                88,
                21_500,
                "Grade the answer from 0 to ⟨number⟩ by these criteria: ⟨criteria⟩. Answer: ⟨text⟩. "
                "Give the points for each criterion, then the sum.",
            ),
        ],
        release_response=[
            ReleaseResponse(
                "harbour-4-mini", "2026-07-14T16:00:00+00:00", 0.61, 20.0, 0.0004, 0.19, 3.0, 2.64, 1.2, 0.05
            ),
        ],
        successors=[
            Successor("a-7c01", "a-f210", "same card, first request 6 minutes after the ban", 0.98, 0.91),
            Successor("a-81be", "a-0d3c", "same device, continued the list at the next question", 0.71, 0.52),
        ],
        attribution=[],
        innocent_explanations=[
            {
                "explanation": "A university with one network",
                "weighed": "Does not fit: 212 networks, and the accounts never ask the same question, as students do.",
            },
            {
                "explanation": "An evaluation harness",
                "weighed": "Does not fit: a harness repeats its questions; here 14 of 71,204 were repeated.",
            },
            {
                "explanation": "One company with many keys",
                "weighed": "Weighed and possible for 12 accounts that share a verified domain; they are left out.",
            },
        ],
        evidence=REASONS,
        recommended_response="Ask the 96 education accounts for proof of enrolment, hold 9 payment cards for review, "
        "and tell the 11 possible victims. Do not block before a person has read the samples.",
        roles={"harvester": 112, "carrier": 9, "spare": 8, "victim": 11, "unknown": 3},
        timeline=days("2026-07-02", DAILY),
        chance_p=0.0007,
        harvested_exchanges=71_204,
        turnover=Turnover(9, 7.2, 0.81, 5.4, 0.005, 8, 10.3, 8.6, 16.0),
        pivots=[PIVOT],
    )


def agent_campaign() -> Campaign:
    first = reasoning_campaign()
    return replace(
        first,
        campaign_id="C-b07d",
        name="86 accounts through one reseller, coding agents with tools",
        accounts=86,
        exchanges=66_900,
        output_tokens=214_300_000,
        first_seen="2026-07-09T11:00:00+00:00",
        last_seen="2026-07-30T23:58:00+00:00",
        detected_at="2026-07-13T12:00:00+00:00",
        findings={
            "coordination": Finding(0.89, ["86 accounts share 14 devices."], "They are operated from one place."),
            "extraction": Finding(0.71, ["58% of exchanges are tool-using agent runs."], "Agent traces are collected."),
            "fraud": Finding(0.12, [], ""),
            "covertness": Finding(0.63, ["Client names are changed weekly on all accounts, within one hour."], ""),
        },
        confidence=0.93,
        capabilities=[{"name": "coding", "share": 0.57}, {"name": "tool_use", "share": 0.31}],
        elicitation={"chain_of_thought": 0.09},
        templates=[],
        release_response=[],
        pivots=[],
        successors=[],
        attribution=[{"actor": "Cluster 12 of a partner", "confidence": 0.4, "indicators": ["2 device pseudonyms"]}],
        evidence=[
            replace(REASONS[0], code="shared_device", text="86 accounts use 14 devices.", weight=7.7, value=14.0),
            replace(REASONS[5], weight=-0.9),
        ],
        recommended_response="Ask the reseller for the users behind its 86 accounts.",
        roles={"harvester": 31, "carrier": 55},
        timeline=days("2026-07-09", [900, 1800, 2600, 3900, 4100, 3700, 3500, 3400, 3300, 3200, 3100] * 2),
        harvested_exchanges=21_300,
    )


def small_campaign() -> Campaign:
    return replace(
        agent_campaign(),
        campaign_id="C-11e2",
        name="12 accounts replay reasoning signatures across sessions",
        accounts=12,
        exchanges=1_200,
        output_tokens=900_000,
        confidence=0.78,
        chance_p=None,
        capabilities=[],
        elicitation={},
        attribution=[],
        innocent_explanations=[],
        evidence=[],
        roles={},
        timeline=[],
        harvested_exchanges=1_200,
    )


def sample_report() -> Report:
    return Report(
        sweeps=[UNCOVERED],
        window={"from": "2026-07-01T00:00:00+00:00", "to": "2026-07-31T00:00:00+00:00"},
        campaigns=[reasoning_campaign(), agent_campaign(), small_campaign()],
        totals={
            "exchanges": 4_812_330,
            "accounts": 38_114,
            "rejected": 212,
            "seconds": 94.2,
            "verdicts": {"clear": 37_790, "watch": 83, "campaign": 241},
        },
        weaknesses=[
            "No responses in the log: what was answered is not known, so extraction is judged by the questions alone.",
            "TLS fingerprints are missing for 64% of exchanges: shared clients are found less often.",
        ],
        releases=RELEASES,
        near_misses=[
            {
                "name": "5,014 accounts behind one university network",
                "accounts": 5014,
                "exchanges": 402_100,
                "explanation": "A campus: one network, but 2,900 payers, every hour of the day and 41 subjects.",
                "reasons": [
                    {"text": "One address carries 5,014 accounts.", "weight": 4.1, "innocent_explanation": "a campus"},
                    {"text": "The questions cover 41 subjects, as varied as the whole population.", "weight": -6.3},
                ],
            },
            {
                "name": "A coding agent with one system prompt",
                "accounts": 9_340,
                "exchanges": 1_204_000,
                "explanation": "A product: the same system prompt from 9,340 accounts with nothing else in common.",
                "reasons": ["The prompt is declared by its maker.", "8,811 different payers."],
            },
            {
                "name": "Nightly evaluation of one customer",
                "accounts": 4,
                "exchanges": 96_000,
                "explanation": "One accountable organisation repeats the same 3,200 questions every night.",
                "reasons": [],
            },
        ],
    )


def empty_report() -> Report:
    return replace(sample_report(), campaigns=[], near_misses=[], weaknesses=[])
