"""What a shape makes of a record, as tests compare it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from stillwatch.readers.shape import Passed, Shape

SAMPLES = Path(__file__).parent / "readers" / "samples"
SAMPLED = sorted(one.name for one in SAMPLES.iterdir() if one.name not in ("make", "README.md"))
_CHANGED = 1_772_323_200  # the first of March 2026: seconds


def put(sample: str, folder: Path) -> Path:
    """A log folder with this sample in it; a checkout does not keep when a file was changed, which vLLM's years need."""
    target = folder / "exchanges" / sample
    target.parent.mkdir(parents=True, exist_ok=True)
    if (SAMPLES / sample).is_dir():
        shutil.copytree(SAMPLES / sample, target)
    else:
        shutil.copyfile(SAMPLES / sample, target)
        os.utime(target, (_CHANGED, _CHANGED))
    return folder


def made(shape: Shape, record: Any, path: Path = Path("log.jsonl")) -> list[dict[str, Any] | str]:
    """Rows without what is absent; of what is passed over, what it is."""
    return [
        row.what if isinstance(row, Passed) else {name: value for name, value in row.items() if value is not None}
        for row, _ in shape.opened(path)(record)
    ]


def only(shape: Shape, record: Any, *columns: str, path: Path = Path("log.jsonl")) -> dict[str, Any]:
    """These columns of the one row that a record gives."""
    (row,) = made(shape, record, path)
    assert isinstance(row, dict), row
    return {name: row.get(name) for name in columns}
