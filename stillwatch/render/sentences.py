"""What a report and a campaign say in one sentence; the page and the terminal open with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillwatch.evidence import Campaign, ReleaseResponse, Report, Turnover
from stillwatch.render.visible import clipped
from stillwatch.render.wording import count, day, instant, listed, moment, percent, probability, span, word

CAPABILITIES_NAMED = 2  # a sentence carries two; the bars show the rest
MENTIONED_SHARE = 0.1  # a capability below a tenth of the traffic does not describe a campaign
LONGEST_MODEL = 60  # characters of a model's name, which comes from the log
NOT_ENFORCED = "nothing has been enforced"


def headline(report: Report) -> str:
    """The top sentence, for somebody who reads only one."""
    when = span(report.window["from"], report.window["to"])
    campaigns = report.campaigns
    if not campaigns:
        return f"No campaign was found{_scope(report)} {when}; {NOT_ENFORCED}."
    how_many = "One campaign" if len(campaigns) == 1 else count(len(campaigns), "campaign")
    exchanges = count(sum(one.exchanges for one in campaigns), "exchange")
    accounts = count(sum(one.accounts for one in campaigns), "account")
    return f"{how_many} took {exchanges} through {accounts} {when}; {NOT_ENFORCED}."


def _scope(report: Report) -> str:
    """How much was looked at, as far as the report knows."""
    known = [count(report.totals[noun + "s"], noun) for noun in ("exchange", "account") if noun + "s" in report.totals]
    return f" in {' from '.join(known)}" if known else ""


def harvest(report: Report) -> str:
    """How much of it was the harvest; empty when that was not told apart."""
    exchanges = sum(one.exchanges for one in report.campaigns)
    harvested = sum(one.harvested_exchanges for one in report.campaigns)
    if not harvested:
        return ""
    if harvested >= exchanges:
        return "All of these exchanges look harvested for training."
    return (
        f"{harvested:,} of these exchanges look harvested for training; the other {exchanges - harvested:,} are "
        "unrelated traffic that the same accounts carried."
    )


def campaign_in_brief(campaign: Campaign) -> str:
    """Who, how much, when and what for, in one sentence."""
    named = [
        f"{word(one['name'])} ({percent(one['share'])})"
        for one in campaign.capabilities[:CAPABILITIES_NAMED]
        if one["share"] >= MENTIONED_SHARE
    ]
    what = f", mostly {listed(named)}" if named else ""
    return (
        f"{count(campaign.accounts, 'account')} sent {count(campaign.exchanges, 'exchange')} "
        f"{span(campaign.first_seen, campaign.last_seen)}{what}."
    )


def detection_in_brief(campaign: Campaign) -> str:
    """When it was found and what it had got by then; empty for a scan, which looks once."""
    found = campaign.detection
    if found is None:
        return ""
    total = campaign.harvested_exchanges
    hours = _hours(campaign.first_seen, campaign.detected_at)
    after = f", {count(hours, 'hour')} after its first exchange" if hours is not None else ""
    alarm = f" Evidence enough for an alarm since {instant(found.alarmed_at)}." if found.alarmed_at else ""
    return (
        f"Found {instant(campaign.detected_at)}{after}, with {count(found.accounts_then, 'account')}. "
        f"{_share(found.harvested_before, total)} of its harvest was over by then, and {_share(found.harvested_unseen, total)} "
        f"came from accounts that had not been found when they sent it.{alarm}"
    )


def turnover_in_brief(campaign: Campaign) -> str:
    """How it replaces what it loses, and what stands by; empty where nothing was banned."""
    turned = campaign.turnover
    if turned is None:
        return ""
    lost = f"{count(turned.bans, 'account')} of it {'was' if turned.bans == 1 else 'were'} banned"
    chance = "" if turned.p_value is None else f" ({probability(turned.p_value)} had the bans been on other days)"
    if turned.replaced < 1.0:
        return f"{lost}, and nothing says that another took the place."
    replaced = (
        f"{lost}, and some {turned.replaced:,.0f} others took such a place, half of them within "
        f"{count(round(turned.delay_hours), 'hour')}{chance}."
    )
    if turned.pool is None:
        return replaced
    known = f"{count(turned.silent, 'account')} of it {'is' if turned.silent == 1 else 'are'} known to stand by"
    return f"{replaced} {known}; with those that nothing ties to it yet, some {turned.pool:,.0f} ({_unsure(turned)})."


def _unsure(turned: Turnover) -> str:
    if turned.pool_low is None or turned.pool_high is None:
        return f"at least {turned.silent:,}"
    return f"{turned.pool_low:,.0f} to {turned.pool_high:,.0f}"


def release_in_brief(response: ReleaseResponse) -> str:
    """How far and how fast it went over to a new model, against everybody else."""
    half = f", half of that share by hour {response.half_hours:.0f}" if response.half_hours is not None else ""
    return (
        f"{clipped(response.model, LONGEST_MODEL)}, released {instant(response.released_at)}: "
        f"{percent(response.shift_share)} of its exchanges within {count(response.hours, 'hour')}{half}; "
        f"{percent(response.population_shift_share)} of everybody else's ({probability(response.p_value)})."
    )


def volume_in_brief(response: ReleaseResponse) -> str:
    """How much it sent after a release against the week before, and everybody else; empty where that is not known."""
    if response.volume_ratio is None or response.population_volume_ratio is None:
        return ""
    chance = f" ({probability(response.volume_p_value)})" if response.volume_p_value is not None else ""
    return (
        f"In the {count(response.hours, 'hour')} after the release of {clipped(response.model, LONGEST_MODEL)} it sent "
        f"{response.volume_ratio:.1f} times as much as on a day of the week before; everybody else "
        f"{response.population_volume_ratio:.1f} times{chance}."
    )


def pivot_in_brief(pivot: Mapping[str, Any]) -> str:
    """From which capability it turned to which, when, and how far."""
    release = f", within a day of the release of {clipped(pivot['release'], LONGEST_MODEL)}" if pivot["release"] else ""
    return (
        f"Turned from {word(pivot['from'])} to {word(pivot['to'])} on {day(pivot['at'])}{release}: {word(pivot['to'])} "
        f"{percent(pivot['share_before'])} before and {percent(pivot['share_after'])} after, {word(pivot['from'])} "
        f"{percent(pivot['from_share_before'])} and {percent(pivot['from_share_after'])} ({probability(pivot['p_value'])})."
    )


def _share(part: int, whole: int) -> str:
    return f"{percent(part / whole)} ({part:,})" if whole else "Nothing"


def _hours(first: str, later: str) -> float | None:
    one, other = moment(first), moment(later)
    return None if one is None or other is None else (other - one).total_seconds() / 3600


def sweep_in_brief(sweep: Mapping[str, Any]) -> str:
    """How many techniques were tried, when, from how many accounts, and what became of them."""
    return (
        f"{count(sweep['techniques'], 'different technique')} to get at what is not shown, tried from "
        f"{count(sweep['accounts'], 'account')} {span(sweep['from'], sweep['until'])}; "
        f"{percent(sweep['refused_share'])} of their {count(sweep['exchanges'], 'exchange')} meanwhile were refused"
    )


def what_nothing_means(report: Report) -> list[str]:
    """An empty result said precisely: what it rules out, and what it does not."""
    lines = [
        "No group of accounts was coordinated beyond what chance and ordinary business explain, at the rate of false "
        "alarms that the settings allow."
    ]
    if cleared := len(report.near_misses):
        lines.append(
            f"{count(cleared, 'group')} of accounts looked alike enough to be examined and had an ordinary "
            f"explanation; {'it is' if cleared == 1 else 'they are'} listed below."
        )
    if report.weaknesses:
        lines.append(
            f"The log lacked {count(len(report.weaknesses), 'kind')} of evidence, listed below, so a campaign that "
            "only those would show could have been missed."
        )
    return [
        *lines,
        "This speaks for the window above only. It is not proof that nobody collects answers: one account, slowly and "
        "alone, looks like a customer.",
    ]
