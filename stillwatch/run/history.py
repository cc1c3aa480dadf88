"""What the looks of a replay found, kept look by look, and told as a history when all are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from stillwatch import tables
from stillwatch.campaigns.document import instant
from stillwatch.campaigns.lineage import Event, Found, Lineage, followed
from stillwatch.engines import Engine
from stillwatch.evidence import Detection

_ACCUSED = "accused"  # put for one join, then dropped
_ACCUSED_SCHEMA = pa.schema(
    [
        ("account_id", pa.string()),
        ("campaign_id", pa.string()),
        ("detected_at", tables.INSTANT),
        ("accused_at", tables.INSTANT),
    ]
)
_LAST = 12  # events told of a campaign besides the first: what it is now, and not each step there


@dataclass(frozen=True)
class History:
    """All campaigns so far, and when each account was first counted to one."""

    lineages: list[Lineage]
    accused_at: Mapping[str, datetime]

    @classmethod
    def nothing(cls) -> History:
        return cls([], {})

    @classmethod
    def read(cls, path: Path) -> History:
        """As written; nothing where there is no such file."""
        if not path.is_file():
            return cls.nothing()
        found = orjson.loads(path.read_bytes())
        return cls(
            [_lineage(one) for one in found["lineages"]],
            {account: datetime.fromisoformat(at) for account, at in found["accused_at"].items()},
        )

    def write(self, path: Path) -> None:
        """As JSON, for the next process."""
        rows = [asdict(one) | {"accounts": sorted(one.accounts), "marks": sorted(one.marks)} for one in self.lineages]
        path.write_bytes(orjson.dumps({"lineages": rows, "accused_at": self.accused_at}))

    def after(self, look: pa.Table, traits: pa.Table, at: datetime, enough: float) -> History:
        """With one more look, its campaigns named as that look alone would: RESULT_REPLAY and TRAITS. `enough` bits alarm."""
        rows = look.to_pylist()
        by_name: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_name.setdefault(row["campaign_id"], []).append(row)
        known = {row["campaign_id"]: row for row in traits.to_pylist()}
        found = [
            Found(
                name,
                frozenset(row["account_id"] for row in members),
                members[0]["alarm_bits"],
                frozenset(known[name]["marks"]),
                known[name]["last_harvest"],
            )
            for name, members in sorted(by_name.items())
        ]
        first = {row["account_id"]: at for row in rows} | dict(self.accused_at)
        return History(followed(self.lineages, found, at, enough), first)

    def names(self) -> dict[str, str]:
        """The names that campaigns keep, by those that the last look gave them."""
        return {one.found_as: one.campaign_id for one in self.lineages if one.found_as}

    def renamed(self, look: pa.Table) -> pa.Table:
        """The last look, its campaigns by the names that they keep, and since when each account is counted to one."""
        kept, fields = self.names(), tables.RESULT_REPLAY.schema.field
        look = _set(look, fields("campaign_id"), [kept[name] for name in look["campaign_id"].to_pylist()])
        return _set(look, fields("since"), [self.accused_at[account] for account in look["account_id"].to_pylist()])

    def renamed_own(self, templates: pa.Table) -> pa.Table:
        """The templates of the last look, their campaigns by the names that they keep."""
        kept = self.names()
        named = [name and kept[name] for name in templates["campaign_id"].to_pylist()]
        return _set(templates, templates.schema.field("campaign_id"), named)

    def detections(self, engine: Engine, standing: pa.Table) -> dict[str, tuple[datetime, Detection]]:
        """Of each campaign of the last look, when it was found, and what it had got by then."""
        known = {one.campaign_id: one for one in self.lineages}
        members = (
            standing.filter(pc.is_valid(standing["campaign_id"])).select(["account_id", "campaign_id"]).to_pylist()
        )
        rows = [
            {
                **row,
                "detected_at": known[row["campaign_id"]].detected_at,
                "accused_at": self.accused_at[row["account_id"]],
            }
            for row in members
        ]
        engine.put(_ACCUSED, pa.Table.from_pylist(rows, schema=_ACCUSED_SCHEMA))
        harvest = engine.table("harvest").select("account_id", "timestamp").join(engine.table(_ACCUSED), "account_id")
        counted = harvest.group_by("campaign_id").agg(
            before=(_.timestamp < _.detected_at).cast("int64").sum(),
            unseen=(_.timestamp < _.accused_at).cast("int64").sum(),
        )
        totals = {row["campaign_id"]: row for row in engine.collect(counted).to_pylist()}
        engine.drop(_ACCUSED)
        return {
            name: (known[name].detected_at, _detection(known[name], totals.get(name, {"before": 0, "unseen": 0})))
            for name in {row["campaign_id"] for row in members}
        }


def _lineage(row: dict[str, Any]) -> Lineage:
    events = tuple(Event(datetime.fromisoformat(one["at"]), one["what"], one["text"]) for one in row["events"])
    moments = ("detected_at", "last_found", "alarmed_at", "last_harvest")
    times = {name: datetime.fromisoformat(row[name]) for name in moments if row.get(name)}
    sets = {name: frozenset(row.get(name, ())) for name in ("accounts", "marks")}
    return Lineage(**{**row, **times, **sets, "events": events})


def _detection(lineage: Lineage, counted: Mapping[str, int]) -> Detection:
    first, *later = lineage.events
    return Detection(
        accounts_then=lineage.accounts_then,
        harvested_before=counted["before"],
        harvested_unseen=counted["unseen"],
        events=[{"at": instant(one.at), "what": one.what, "text": one.text} for one in (first, *later[-_LAST:])],
        alarmed_at=instant(lineage.alarmed_at),
    )


def _set(table: pa.Table, field: pa.Field, values: Sequence[Any]) -> pa.Table:
    return table.set_column(table.schema.get_field_index(field.name), field, pa.array(values, field.type))
