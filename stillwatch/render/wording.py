"""Numbers, dates and the fixed vocabulary of the views, in plain words."""

from __future__ import annotations

from datetime import UTC, datetime

from stillwatch.render.visible import clipped

SMALLEST_PERCENT = 0.1  # percent; below it "<0.1%" is more honest than a row of noughts
SMALLEST_P = 1e-300  # a smaller probability is below what a float holds; it is written as a bound
P_AS_DECIMAL = 0.0001  # from here on a decimal reads better than a power of ten
STRONG, MODERATE, WEAK = 0.8, 0.5, 0.2  # bands of a 0..1 score for reading only; no decision is taken on them
LONGEST_DATE = 40  # characters; what is no date is shown as it stands, but not at any length

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

FINDING_QUESTIONS = {
    "coordination": "Are these accounts run together?",
    "extraction": "Is the traffic collected to train a model?",
    "fraud": "Were the accounts obtained by deceit?",
    "covertness": "Is the operation hidden?",
}

ROLE_MEANINGS = {
    "harvester": "Sends the prompts whose answers are collected.",
    "carrier": "Belongs to the network; its traffic is mostly unrelated. Not accused of harvesting.",
    "spare": "Registered by the same means and idle. Not accused of harvesting.",
    "victim": "A customer whose credentials look stolen. Not accused of harvesting: to be told and protected.",
    "unknown": "Too little traffic to say. Not accused of harvesting.",
}

CAPABILITY_WORDS = {
    "tool_use": "tool use",
    "agentic": "agentic work",
    "computer_use": "computer use",
    "data_analysis": "data analysis",
    "judging": "judging answers",
    "data_generation": "data generation",
}

ELICITATION_WORDS = {
    "chain_of_thought": "ask for step-by-step reasoning",
    "rubric_grading": "ask for grading by a rubric",
    "trace_reconstruction": "ask to restore hidden reasoning",
}


def word(name: str) -> str:
    """A column name as a person says it."""
    return CAPABILITY_WORDS.get(name) or ELICITATION_WORDS.get(name) or name.replace("_", " ")


def count(number: float, singular: str, plural: str | None = None) -> str:
    """`1 account`, `1,204 accounts`."""
    return f"{number:,.0f} {singular if number == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """A share as a percentage, never rounded to all or nothing when it is neither."""
    value = 100 * share
    if 0 < value < SMALLEST_PERCENT:
        return f"<{SMALLEST_PERCENT}%"
    if 100 - SMALLEST_PERCENT < value < 100:
        return f">{100 - SMALLEST_PERCENT}%"
    digits = 1 if 0 < value < 10 or 99 <= value < 100 else 0
    return f"{value:.{digits}f}%".replace(".0%", "%")


def bits(weight: float) -> str:
    """Evidence with its sign: +6.2 bits, −3.1 bits."""
    sign = "−" if weight < 0 else "+"
    return f"{sign}{abs(weight):.1f} bits"


def probability(p_value: float) -> str:
    """`p = 0.0004`, or `p = 3×10⁻¹⁴` where noughts would have to be counted."""
    if p_value < SMALLEST_P:
        return f"p < {_power(SMALLEST_P)}"
    return f"p = {p_value:.2g}" if p_value >= P_AS_DECIMAL else f"p = {_power(p_value)}"


def _power(value: float) -> str:
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit}×10{str(int(exponent)).translate(_RAISED)}"


def number(value: float) -> str:
    """A measured value, with four digits that matter and its thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def strength(score: float) -> str:
    """A 0..1 score as one word."""
    if score >= STRONG:
        return "strong"
    if score >= MODERATE:
        return "moderate"
    return "weak" if score >= WEAK else "hardly any"


def moment(text: str) -> datetime | None:
    """An RFC 3339 instant, or a day, in UTC; None when it is neither."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def day(text: str) -> str:
    """`4 July 2026`; what cannot be read as a date is shown as it stands."""
    parsed = moment(text)
    return f"{parsed.day} {parsed:%B %Y}" if parsed else clipped(text, LONGEST_DATE)


def instant(text: str) -> str:
    parsed = moment(text)
    return f"{parsed.day} {parsed:%B %Y, %H:%M} UTC" if parsed else clipped(text, LONGEST_DATE)


def span(first: str, last: str) -> str:
    """`between 4 and 28 July 2026`, with nothing said twice."""
    one, other = moment(first), moment(last)
    if one is None or other is None:
        return f"between {day(first)} and {day(last)}"
    if one.date() == other.date():
        return f"on {day(first)}"
    start = f"{one.day}"
    if (one.year, one.month) != (other.year, other.month):
        start = f"{one.day} {one:%B}" if one.year == other.year else day(first)
    return f"between {start} and {day(last)}"


def listed(parts: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
