"""The report as one HTML page for a person: no network, no script, light and dark, fit to print."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.evidence import FINDINGS, Campaign, Report
from stillwatch.render import sentences, wording
from stillwatch.render.svg import parts_bar, share_bar
from stillwatch.render.timeline import timeline
from stillwatch.render.visible import clipped, visible
from stillwatch.render.waterfall import waterfall

LONGEST_NAME = 160  # characters; a name is a heading
LONGEST_TEXT = 1_200  # characters of a sentence; no honest one is longer, and a hostile one must not bury the page
MOST_SUCCESSORS = 40  # rows of a table, the likeliest first; all stand in campaigns.json
LONGEST_SKELETON = 900  # characters of a template sample; the whole one stands in campaigns.json

_SLOT = re.compile(r"(⟨[^⟨⟩]*⟩)")


def report_html(report: Report) -> str:
    """The whole page."""
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            headline=sentences.headline(report),
            harvest=sentences.harvest(report),
            what_nothing_means=[] if report.campaigns else sentences.what_nothing_means(report),
            sweeps=[(sentences.sweep_in_brief(one), one) for one in report.sweeps],
            pages=[_page(one, report, f"campaign-{place}") for place, one in enumerate(report.campaigns, start=1)],
        )
    )


def _page(campaign: Campaign, report: Report, key: str) -> dict[str, Any]:
    """What the template needs of one campaign beside the campaign itself: drawings and sums of shown numbers."""
    unrelated = max(0, campaign.exchanges - campaign.harvested_exchanges)
    return {
        "key": key,
        "campaign": campaign,
        "in_brief": sentences.campaign_in_brief(campaign),
        "detection": sentences.detection_in_brief(campaign),
        "turnover": sentences.turnover_in_brief(campaign),
        "successors": sorted(campaign.successors, key=lambda one: (-one.likelihood, one.account))[:MOST_SUCCESSORS],
        "findings": [
            (
                name,
                campaign.findings[name],
                share_bar(f"{key}-{name}", f"Score of {name}", campaign.findings[name].score),
            )
            for name in FINDINGS
            if name in campaign.findings
        ],
        "waterfall": waterfall(campaign.evidence, f"{key}-reason"),
        "sweeps": [(sentences.sweep_in_brief(one), one["p_value"]) for one in campaign.sweeps],
        "timeline": timeline(campaign.timeline, report.releases, f"{key}-days", campaign.campaign_id),
        "unrelated": unrelated,
        "taken": parts_bar(
            f"{key}-taken",
            "Harvested and unrelated exchanges",
            [("harvested", campaign.harvested_exchanges, "ink"), ("unrelated", unrelated, "rail")],
        ),
        "capabilities": [
            (one["name"], one["share"], share_bar(f"{key}-capability-{place}", wording.word(one["name"]), one["share"]))
            for place, one in enumerate(campaign.capabilities)
        ],
        "elicitation": [
            (name, share, share_bar(f"{key}-elicitation-{place}", wording.word(name), share))
            for place, (name, share) in enumerate(campaign.elicitation.items())
        ],
    }


def skeleton(text: str) -> Markup:
    """A template's shared words, with the slots that each prompt fills differently set apart."""
    parts = _SLOT.split(visible(clipped(text, LONGEST_SKELETON)))
    slot = Markup('<mark class="slot">{}</mark>')
    return Markup("").join(slot.format(part) if place % 2 else part for place, part in enumerate(parts))


def _shown(value: Any) -> Any:
    """Every expression of every template passes here: no text from a log is printed as it came."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(clipped(value, LONGEST_TEXT))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stillwatch.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        name: getattr(wording, name)
        for name in ("bits", "count", "day", "instant", "number", "percent", "probability", "strength", "word")
    }
    environment.filters["skeleton"] = skeleton
    environment.filters |= {"volume": sentences.volume_in_brief, "pivot": sentences.pivot_in_brief}
    environment.filters["heading"] = lambda text: clipped(text, LONGEST_NAME)
    environment.globals["finding_questions"] = wording.FINDING_QUESTIONS
    environment.globals["role_meanings"] = wording.ROLE_MEANINGS
    return environment
