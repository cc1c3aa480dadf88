"""A result's campaigns as what would leave towards one partner. Nothing is written or sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from stillwatch import tlp
from stillwatch.config import Config, Sharing
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.evidence import Campaign
from stillwatch.render.json import read_campaigns
from stillwatch.sharing.keys import PartnerKeys, epoch_of
from stillwatch.sharing.stix import atlas as techniques_table
from stillwatch.sharing.stix.campaigns import campaign, findings, operator
from stillwatch.sharing.stix.chosen import chosen
from stillwatch.sharing.stix.exported import Exported, Object
from stillwatch.sharing.stix.held import Held, withheld
from stillwatch.sharing.stix.indicators import OBJECTS, indicator
from stillwatch.sharing.stix.leaving import leaving
from stillwatch.sharing.stix.made import Made
from stillwatch.sharing.stix.never import never
from stillwatch.sharing.stix.observed import accounts, networks, traffic
from stillwatch.sharing.stix.shown import Result
from stillwatch.sharing.stix.techniques import techniques


def exported(
    result: Path,
    campaigns: Sequence[str] | None,
    marking: str,
    keys: PartnerKeys,
    config: Config,
    now: datetime,
    given: pa.Table | None = None,
    atlas: techniques_table.Atlas | None = None,
    earlier: Mapping[str, Object] | None = None,
) -> Exported:
    """`campaigns`: ids of the result, None for all. `given`: cards and devices as the log has them, without which none leave.
    `earlier`: objects that the partner was told before, by id.
    """
    if marking not in tlp.NAMES:
        raise BadConfiguration(f"there is no marking {marking!r}", "the marking of an export", ", ".join(tlp.NAMES))
    found = _asked(result, campaigns)
    made = Made(config.sharing.producer, marking, keys.names, now, earlier)
    table = atlas or techniques_table.read()
    objects, held = made.first(), list[Held]()
    room = (config.sharing.most_objects - len(objects)) // max(len(found), 1)
    with Result(result, given) as shown:
        for one in found:
            more, stays = _campaign(made, one, shown, keys, config.sharing, now, table, room)
            objects += more
            held += stays
    unique = {one["id"]: one for one in objects}  # campaigns share techniques and networks
    return Exported(tuple(unique.values()), withheld(held), tuple(one.campaign_id for one in found), marking)


def _asked(result: Path, campaigns: Sequence[str] | None) -> list[Campaign]:
    path = result / "campaigns.json"
    if not path.is_file():
        raise NothingToRead("no result to export", str(path), "a folder that `stillwatch scan` wrote")
    there = {one.campaign_id: one for one in read_campaigns(path).campaigns}
    if not there:
        raise NothingToRead("the result has no campaign", str(path), "one at least", "there is nothing to tell")
    unknown = [name for name in campaigns or () if name not in there]
    if unknown:
        raise BadConfiguration(f"no such campaign: {', '.join(unknown)}", str(path), ", ".join(there))
    return [one for name, one in there.items() if campaigns is None or name in campaigns]


def _campaign(
    made: Made,
    one: Campaign,
    shown: Result,
    keys: PartnerKeys,
    settings: Sharing,
    now: datetime,
    atlas: techniques_table.Atlas,
    room: int,
) -> tuple[list[Object], list[Held]]:
    """All objects of one campaign, and what stays."""
    name, own = one.campaign_id, shown.own(one.campaign_id)
    held = list(never(one, shown))
    choice = chosen(shown.values(name), settings, now, shown.identifiers)
    going, stays = leaving(choice.values, one, keys.compared(epoch_of(now)), epoch_of(now), settings, shown)
    held += [*choice.held, *stays]
    if len(own) < settings.min_customers:
        held.append(Held("user accounts", len(own), f"fewer than {settings.min_customers}"))
        own = []
    told = campaign(made, one, atlas)
    hypothesis, attributed = operator(made, one, told)
    fixed = [
        told, hypothesis, attributed, *findings(made, one, told, hypothesis),
        *techniques(made, one, told, atlas, shown.pathways(name)),
        *networks(made, one, told, shown.networks(name), settings.min_customers),
    ]  # fmt: skip
    most = max((room - len(fixed) - 1) // OBJECTS, 0)
    if len(going) > most:
        held.append(Held("indicators", len(going) - most, "more objects than one bundle may have"))
    left = max(room - len(fixed) - 1 - OBJECTS * min(len(going), most), 0)
    domains = [
        made.observable("domain-name", value=one.value.value) for one in going[:most] if one.kind == "domain-name"
    ]
    systems = [one for one in fixed if one["type"] == "autonomous-system"]
    seen = [*domains, *systems, *accounts(made, own, keys.accounts)]
    if len(seen) > left:
        held.append(Held("user accounts", len(seen) - left, "more objects than one bundle may have"))
        seen = seen[:left]
    if not seen:
        return fixed, held
    observation = traffic(made, one, seen)
    objects = [*fixed, *seen, observation]
    for value in going[:most]:
        objects += indicator(made, one, value, settings, (told, hypothesis), observation)
    return objects, held
