"""What partners told, of the indicators in a log folder: for the commands that judge sign-ups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from stillwatch.config import Reading
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_sides
from stillwatch.verification.partners import Partners


def partners(folder: Path, reading: Reading, now: datetime, keys: Pseudonyms) -> Partners:
    """Nothing where there is no folder, or no indicators in it."""
    if not folder.is_dir():
        return Partners()
    table = open_sides(folder, reading, now).table("indicators")[0]
    return Partners(table.to_pylist() if table is not None else (), keys)
