"""What the figures were made with: versions, the commit, and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import stillwatch

PACKAGES = (
    "duckdb",
    "numpy",
    "pyarrow",
    "scipy",
    "networkit",
    "scikit-learn",
    "networkx",
)  # where results could come from


def versions() -> dict[str, Any]:
    """Versions of stillwatch, Python and the packages that are there; the commit when this is a checkout."""
    return {
        "stillwatch": stillwatch.__version__,
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        },
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git(*words: str) -> str | None:
    """None when there is no git, or the package does not come from a checkout of its own."""
    checkout = Path(stillwatch.__file__).parents[1]
    if not (checkout / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
