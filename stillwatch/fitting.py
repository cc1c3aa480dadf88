"""Templates that campaigns fill in, held against single texts outside of a scan: a hint, never enough alone.

A text is told by the kernels that a scan tells exchanges by, with the settings that the templates were found with, so
that both say the same of a text. No more is read of it than a scan reads: 16,384 bytes, half from each end, unless the
scan's settings say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.config import Text
from stillwatch.errors import BadConfiguration
from stillwatch.signals.sketch import sketch, sketches
from stillwatch.uses import Recogniser, settings_of

FILE = "templates.parquet"  # in a result folder


@dataclass(frozen=True)
class Templates:
    """Templates of a result: campaigns' own, and those of others that a text may be made from rather."""

    recogniser: Recogniser
    campaigns: tuple[str | None, ...]  # whose own each is; None of one of others
    settings: Text

    def fitting(self, text: str) -> list[str]:
        """Campaigns whose own template this text is made from: one, or none."""
        place = self.recogniser.of_one(sketch(text, self.settings))
        campaign = self.campaigns[place] if place >= 0 else None
        return [campaign] if campaign else []

    def of_batch(self, texts: pa.Array) -> pa.Array:
        """The campaign of each text; empty for none."""
        names = self.recogniser.recognise(sketches(texts, self.settings).sketch)
        places = pc.index_in(names, self.recogniser.names)
        return pc.fill_null(pa.array(self.campaigns, pa.string()).take(places), "")


def templates(result: Path, at: datetime | None = None) -> Templates | None:
    """Those of the look at an instant, or of the last. None where no campaign has one, or the result is older than the file."""
    path = result / FILE
    if not path.is_file():
        return None
    found = pq.read_table(path)
    try:
        settings, config = settings_of(found)
    except (KeyError, TypeError, ValueError):
        raise BadConfiguration(
            "templates without the settings they were found by", str(path), "what stillwatch wrote there"
        ) from None
    look = pc.max(found["at"]) if at is None else pa.scalar(at, tables.INSTANT)
    known = found.filter(pc.equal(found["at"], look))
    recogniser = Recogniser(known, "prompt", config)
    own = dict(zip(known["template_id"].to_pylist(), known["campaign_id"].to_pylist(), strict=True))
    read = Templates(recogniser, tuple(own[name] for name in recogniser.names.to_pylist()), settings)
    read.fitting("kernels are loaded, or compiled where no cache has them, now and not with a request")
    return read if any(read.campaigns) else None
