"""What was seen, without any claim: accounts under tokens that only we can read, networks, and traffic in one number."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stillwatch.evidence import Campaign
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.made import MOST_OBSERVED, Made, instant, ours

_CLASSES = {  # of networks, and what STIX calls what a campaign uses them for
    "vpn": "anonymization",
    "hosting": "unknown",  # rented machines: STIX has words for those that host something bad
}


def accounts(made: Made, own: Sequence[tuple[str, str]], keys: Pseudonyms) -> list[Object]:
    """user-account of each account and role, in the order of tokens: that of ids would tell who signed up after whom."""
    tokens = keys.tokens("account", pa.array([account for account, _ in own], pa.string())).to_pylist()
    roles = sorted(zip(tokens, (role for _, role in own), strict=True))
    return [made.observable("user-account", user_id=token, extensions=ours(role=role)) for token, role in roles]


def networks(
    made: Made, one: Campaign, told: Object, found: Sequence[tuple[int, str, int]], least: int
) -> list[Object]:
    """Infrastructure of each class of network that at least so many of the campaign's customers came by; ASNs, no address."""
    objects: list[Object] = []
    for name, purpose in _CLASSES.items():
        seen = [(asn, customers) for asn, kind, customers in found if kind == name and customers >= least]
        if not seen:
            continue
        systems = [made.observable("autonomous-system", number=asn, extensions=ours(network=name)) for asn, _ in seen]
        infrastructure = made.object(
            "infrastructure", (one.campaign_id, name), sure=one.confidence,
            name=f"Networks of class {name} that the campaign's accounts came by",
            description="; ".join(f"AS{asn}: {customers:,} customers of the campaign" for asn, customers in seen)
            + ". Others use these networks as well.",
            infrastructure_types=[purpose],
            first_seen=instant(one.first_seen),
            last_seen=instant(one.last_seen),
        )  # fmt: skip
        objects += [*systems, infrastructure, made.relation(told, "uses", infrastructure)]
        objects += [made.relation(infrastructure, "consists-of", system) for system in systems]
    return objects


def traffic(made: Made, one: Campaign, seen: Sequence[Object]) -> Object:
    """All of the campaign's traffic that was attributed to the harvest, in one observation; no single exchange."""
    return made.object(
        "observed-data", (one.campaign_id,),
        first_observed=instant(one.first_seen),
        last_observed=instant(one.last_seen),
        number_observed=min(max(one.harvested_exchanges, 1), MOST_OBSERVED),
        object_refs=[one["id"] for one in seen],
        labels=["observed"],
    )  # fmt: skip
