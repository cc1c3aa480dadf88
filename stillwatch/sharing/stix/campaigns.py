"""A campaign, and the hypothesis that one operator is behind it."""

from __future__ import annotations

from collections.abc import Sequence

from stillwatch import __version__
from stillwatch.evidence import Campaign
from stillwatch.sharing.stix.atlas import Atlas
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.made import Made, instant, ours
from stillwatch.sharing.stix.scale import opinion
from stillwatch.sharing.stix.shown import OWN_ROLES

_LABELS = ("llm-distillation",)


def campaign(made: Made, one: Campaign, atlas: Atlas) -> Object:
    """What was found, in numbers. Its id of ours stays here: it is made of the id of an account."""
    study = atlas.case_study
    return made.object(
        "campaign", (one.campaign_id,), sure=one.confidence,
        name=one.name,
        description=(
            f"{one.accounts:,} accounts sent {one.exchanges:,} exchanges; {one.harvested_exchanges:,} of them are attributed "
            "to a harvest of answers for training. Found by behaviour in the logs of one provider. What was observed stands in "
            "the notes, what is inferred from it in the opinions, each finding apart."
        ),
        first_seen=instant(one.first_seen),
        last_seen=instant(one.last_seen),
        objective="To collect a model's answers for training another model.",
        labels=list(_LABELS),
        external_references=[
            {
                "source_name": "mitre-atlas",
                "external_id": study.id,
                "url": study.url,
                "description": f"{study.name}: a published case of this kind, not a claim that it is the same one.",
            }
        ],
        extensions=ours(
            made_by=f"stillwatch {__version__}",
            atlas=atlas.version,
            accounts=one.accounts,
            roles={role: one.roles.get(role, 0) for role in OWN_ROLES},
            exchanges=one.exchanges,
            harvested_exchanges=one.harvested_exchanges,
            output_tokens=one.output_tokens,
            findings={name: round(found.score, 3) for name, found in one.findings.items()},
            capabilities={str(row["name"]): round(row["share"], 3) for row in one.capabilities},
            elicitation={name: round(share, 3) for name, share in one.elicitation.items()},
            release_response=[
                {
                    "released_at": row.released_at,
                    "shift_share": round(row.shift_share, 3),
                    "hours": round(row.hours, 1),
                    "p_value": row.p_value,
                }
                for row in one.release_response
            ],
        ),
    )  # fmt: skip


def operator(made: Made, one: Campaign, told: Object) -> list[Object]:
    """The hypothesis, and its tie to the campaign. It has no name of anybody: who it is, traffic does not say."""
    sure = one.confidence * one.findings["coordination"].score
    hypothesis = made.object(
        "intrusion-set", (one.campaign_id,), sure=sure,
        name=f"Unnamed operator {told['id'][-8:]}",
        description=(
            "A hypothesis, inferred: that one operator directs the accounts of the campaign. "
            f"{one.findings['coordination'].inference} Who that is, is not claimed."
        ),
        first_seen=instant(one.first_seen),
        last_seen=instant(one.last_seen),
        goals=["to collect a model's answers for training another model"],
        labels=["hypothesis", *_LABELS],
    )  # fmt: skip
    why = "Inferred from coordination alone."
    return [hypothesis, made.relation(told, "attributed-to", hypothesis, sure=sure, description=why)]


def findings(made: Made, one: Campaign, told: Object, hypothesis: Object) -> list[Object]:
    """For each finding a note of what was observed, and an opinion on what is inferred, with the ordinary explanations."""
    objects = []
    for name, found in one.findings.items():
        if found.observations:
            objects.append(
                made.object(
                    "note",
                    (one.campaign_id, "observed", name),
                    abstract=f"Observed: {name}",
                    content="\n".join(f"- {line}" for line in found.observations),
                    object_refs=[told["id"]],
                    labels=["observed", name],
                )
            )
        about = [told, hypothesis] if name == "coordination" else [told]
        objects.append(_opinion(made, one, name, about))
    if one.innocent_explanations:
        weighed = [f"- {row['explanation']} {row['weighed']}".strip() for row in one.innocent_explanations]
        objects.append(
            made.object(
                "note",
                (one.campaign_id, "weighed"),
                abstract="Ordinary explanations that were weighed",
                content="\n".join(weighed),
                object_refs=[told["id"]],
                labels=["weighed"],
            )
        )
    return objects


def _opinion(made: Made, one: Campaign, name: str, about: Sequence[Object]) -> Object:
    found = one.findings[name]
    ordinary = dict.fromkeys(
        reason.innocent_explanation for reason in one.evidence if reason.finding == name and reason.innocent_explanation
    )
    also = f" An ordinary customer shows the same who is: {'; '.join(ordinary)}." if ordinary else ""
    return made.object(
        "opinion", (one.campaign_id, "inferred", name), sure=one.confidence,
        opinion=opinion(found.score),
        explanation=f"Inferred of {name} (score {found.score:.2f} of 1): {found.inference}{also}",
        object_refs=[each["id"] for each in about],
        labels=["inferred", name],
    )  # fmt: skip
