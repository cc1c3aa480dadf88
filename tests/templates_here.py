"""Templates as a result folder has them, for tests: a frame is a text of which every fingerprint counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.signals.sketch import sketch
from stillwatch.uses import with_settings

LOOKED = datetime(2026, 2, 2, tzinfo=UTC)
FRAME = (
    "Solve the following problem and write down every step that leads to the answer before you give it. {} Finish with one "
    "line that holds nothing but the answer, and never leave out the unit of a quantity."
)
SHARED = "You are reviewing a change to a repository. {} Reply with a list of findings, the most severe of them first."
Own = tuple[str | None, str]  # campaign and frame; None of one that is nobody's own


def table(*own: Own, at: datetime = LOOKED) -> pa.Table:
    """RESULT_TEMPLATES of one look."""
    config = Config()
    rows = [
        {
            "at": at, "campaign_id": campaign, "template_id": f"T-{place}", "field": "prompt",
            "shingles": sketch(frame, config.text).tolist(), "usual_shingles": float(len(sketch(frame, config.text))),
        }
        for place, (campaign, frame) in enumerate(own)
    ]  # fmt: skip
    return with_settings(
        pa.Table.from_pylist(rows, schema=tables.RESULT_TEMPLATES.schema), config.text, config.templates
    )


def write(folder: Path, *looks: Sequence[Own] | pa.Table) -> Path:
    """The file of one look, or of several."""
    made = [one if isinstance(one, pa.Table) else table(*one) for one in looks]
    pq.write_table(pa.concat_tables(made), folder / "templates.parquet")
    return folder
