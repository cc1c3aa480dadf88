"""The most memory this process held since a moment of one's choice, as the kernel counts it."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

_RESET = "5"  # what /proc/PID/clear_refs takes to mean: begin the peak anew (proc(5))
_MIB = 1 << 20


def forget_peak() -> None:
    """Let the peak begin at what is held now; where the kernel cannot (macOS, an old Linux), it stays the whole run's."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text(_RESET, encoding="ascii")


def peak_mib() -> int:
    """MiB of memory resident at the peak since `forget_peak`."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:", 1)[1].split(maxsplit=1)[0]) >> 10  # told in KiB
    except (OSError, IndexError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // _MIB if sys.platform == "darwin" else most >> 10
