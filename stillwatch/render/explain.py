"""The tree of evidence behind a campaign or an account, for a terminal and for a program.

    C-3f9a: 143 accounts on 9 payment cards, …
    ├── fraud 0.81
    │   ├── inferred: most of the accounts were registered under identities made for the purpose
    │   └── +9.4 bits: 118 of 143 accounts were paid for with 9 cards
    │       ├── observed 118, p = 3×10⁻¹⁴
    │       ├── innocent explanation: one company pays for its staff
    │       └── SELECT count(DISTINCT account_id) …

Everything is read from stored rows; the JSON form holds the same branches as the drawn one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text
from rich.tree import Tree

from stillwatch.evidence import FINDINGS, SCHEMA_VERSION, Campaign, Reason
from stillwatch.render import sentences
from stillwatch.render.visible import clipped, one_line, visible
from stillwatch.render.waterfall import told
from stillwatch.render.wording import ROLE_MEANINGS, bits, count, number, percent, probability, word

TIES_SHOWN = 12  # a kind; an account behind a crowded address has thousands, and the strongest say enough
LONGEST_BRANCH = 400  # characters; a tree is read, a longer text belongs into the JSON form


def campaign_tree_json(campaign: Campaign) -> dict[str, Any]:
    """Findings with their reasons under them; reasons that belong to no finding, such as innocence, come last."""
    named = set(campaign.findings)
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "confidence": campaign.confidence,
        "chance_p": campaign.chance_p,
        "bits": sum(reason.weight for reason in campaign.evidence),
        "findings": [
            {
                "finding": name,
                "score": campaign.findings[name].score,
                "observations": campaign.findings[name].observations,
                "inference": campaign.findings[name].inference,
                "reasons": [_reason(one) for one in told(campaign.evidence) if one.finding == name],
            }
            for name in FINDINGS
            if name in named
        ],
        "other_reasons": [_reason(one) for one in told(campaign.evidence) if one.finding not in named],
        "innocent_explanations": campaign.innocent_explanations,
        "release_response": [asdict(one) for one in campaign.release_response],
        "pivots": campaign.pivots,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {key: getattr(reason, key) for key in Reason.__dataclass_fields__ if key != "finding"}


def campaign_tree(campaign: Campaign) -> Tree:
    document = campaign_tree_json(campaign)
    root = Tree(_line(f"{campaign.campaign_id}: {campaign.name}", "bold"))
    root.add(_line(f"confidence {percent(campaign.confidence)}, {bits(document['bits'])} in sum"))
    for finding in document["findings"]:
        branch = root.add(_line(f"{finding['finding']} {finding['score']:.2f}", "bold"))
        weighed = {reason["text"] for reason in finding["reasons"]}
        for observation in finding["observations"]:
            if observation not in weighed:
                branch.add(_line(f"observed: {observation}"))
        if finding["inference"]:
            branch.add(_line(f"inferred: {finding['inference']}", "italic"))
        for reason in finding["reasons"]:
            _add_reason(branch, reason)
    if document["other_reasons"]:
        branch = root.add(_line("innocence and the rest", "bold"))
        for reason in document["other_reasons"]:
            _add_reason(branch, reason)
    if campaign.innocent_explanations:
        branch = root.add(_line("innocent explanations that were weighed", "bold"))
        for one in campaign.innocent_explanations:
            branch.add(_line(f"{one['explanation']}: {one['weighed']}"))
    if campaign.release_response:
        branch = root.add(_line("releases of models", "bold"))
        for response in campaign.release_response:
            twig = branch.add(_line(sentences.release_in_brief(response)))
            if volume := sentences.volume_in_brief(response):
                twig.add(_line(volume))
    if campaign.pivots:
        branch = root.add(_line("pivots, held against nobody", "bold"))
        for pivot in campaign.pivots:
            branch.add(_line(sentences.pivot_in_brief(pivot)))
    return root


def account_tree_json(
    row: Mapping[str, Any], campaign: Campaign | None, links: Sequence[Mapping[str, Any]], features: Mapping[str, Any]
) -> dict[str, Any]:
    """One account: where it stands and why, what it shares with whom, how it compares.

    `features` maps a name to a number, or to {value, percentile}: the percentile among all accounts, 0 to 100.
    """
    account = row["account_id"]
    own = [_tie(account, link) for link in links if account in (link["account_a"], link["account_b"])]
    return {
        "schema_version": SCHEMA_VERSION,
        "account_id": account,
        "score": row["score"],
        "verdict": row["verdict"],
        "role": row.get("role"),
        "campaign_id": row.get("campaign_id"),
        "campaign": campaign.name if campaign else None,
        "reasons": sorted((dict(one) for one in row.get("reasons") or ()), key=lambda one: -one["weight"]),
        "ties": sorted(own, key=lambda tie: -tie["weight"]),
        "behaviour": {
            name: dict(value) if isinstance(value, Mapping) else {"value": value} for name, value in features.items()
        },
    }


def _tie(account: str, link: Mapping[str, Any]) -> dict[str, Any]:
    other = link["account_b"] if link["account_a"] == account else link["account_a"]
    kept = {key: link[key] for key in ("kind", "weight", "value_pseudonym", "degree") if link.get(key) is not None}
    return {"account_id": other, **kept}


def account_tree(
    row: Mapping[str, Any], campaign: Campaign | None, links: Sequence[Mapping[str, Any]], features: Mapping[str, Any]
) -> Tree:
    document = account_tree_json(row, campaign, links, features)
    root = Tree(_line(document["account_id"], "bold"))
    standing = root.add(_line(f"{document['verdict']}, score {document['score']:.2f}", "bold"))
    if campaign:
        standing.add(_line(f"in {campaign.campaign_id}: {campaign.name}"))
    if document["role"]:
        standing.add(_line(f"{document['role']}: {ROLE_MEANINGS.get(document['role'], ROLE_MEANINGS['unknown'])}"))
    why = root.add(_line("why" if document["reasons"] else "nothing speaks against it", "bold"))
    for reason in document["reasons"]:
        _add_reason(why, reason)
    _add_ties(root, document["ties"])
    if document["behaviour"]:
        branch = root.add(_line("behaviour against the population", "bold"))
        for name, one in document["behaviour"].items():
            branch.add(_line(_compared(name, one)))
    return root


def _add_ties(root: Tree, ties: Sequence[Mapping[str, Any]]) -> None:
    branch = root.add(_line("shares" if ties else "shares nothing with any other account", "bold"))
    for kind in dict.fromkeys(tie["kind"] for tie in ties):
        same = [tie for tie in ties if tie["kind"] == kind]
        twig = branch.add(_line(f"{word(kind)} with {count(len(same), 'account')}"))
        for tie in same[:TIES_SHOWN]:
            shared = f", value {tie['value_pseudonym']}" if "value_pseudonym" in tie else ""
            crowd = f", held by {count(tie['degree'], 'account')}" if "degree" in tie else ""
            twig.add(_line(f"{tie['account_id']}: weight {number(tie['weight'])}{shared}{crowd}"))
        if len(same) > TIES_SHOWN:
            twig.add(_line(f"{len(same) - TIES_SHOWN:,} more, weaker", "dim"))


def _compared(name: str, one: Mapping[str, Any]) -> str:
    value = "not known" if one["value"] is None else number(one["value"])
    percentile = one.get("percentile")
    return f"{word(name)} {value}" + (f", above {percentile:.0f}% of accounts" if percentile is not None else "")


def _add_reason(branch: Tree, reason: Mapping[str, Any]) -> None:
    twig = branch.add(_line(f"{bits(reason['weight'])}: {reason['text']}"))
    facts = [f"observed {number(reason['value'])}"] if reason.get("value") is not None else []
    facts += [probability(reason["p_value"])] if reason.get("p_value") is not None else []
    if facts:
        twig.add(_line(", ".join(facts)))
    if reason.get("innocent_explanation"):
        twig.add(_line(f"innocent explanation: {reason['innocent_explanation']}"))
    if reason.get("query"):
        twig.add(Text(visible(reason["query"]), style="dim"))  # whole and unbroken: it is there to be copied


def _line(text: str, style: str = "") -> Text:
    # Text, never markup: a prompt that says [red] or [link=…] is quoted, not obeyed.
    return Text(clipped(one_line(text), LONGEST_BRANCH), style=style)
