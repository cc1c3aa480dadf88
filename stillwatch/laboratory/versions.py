"""What figures were made with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import torch

import stillwatch

_PACKAGES = ("torch", "numpy", "scipy", "matplotlib")  # where results could come from


def versions() -> dict[str, Any]:
    """Of packages and of the machine."""
    return {
        "stillwatch": stillwatch.__version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "machine": {"system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()},
        "kernels": torch.backends.cpu.get_cpu_capability(),
    }
