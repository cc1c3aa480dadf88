"""Where real prompts, traces and lists lie: $STILLWATCH_DATA, or shared/data beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

DATA = Path(os.environ.get("STILLWATCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
