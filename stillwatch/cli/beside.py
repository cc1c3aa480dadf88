"""What `stillwatch watch` runs beside itself: --otlp and --metrics, from the extra `watch`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.errors import EngineMissing

if TYPE_CHECKING:
    from stillwatch.config import Config
    from stillwatch.run.progress import Watcher
    from stillwatch.run.watching.beside import Beside

OTLP = typer.Option(None, metavar="HOST:PORT", help="Take OTLP over HTTP here, and write it to SOURCE; 127.0.0.1:4318.")
METRICS = typer.Option(
    None, metavar="HOST:PORT", help="Serve /metrics for Prometheus, /healthz and /readyz here; 127.0.0.1:9464."
)


def beside(
    source: Path | None, state: Path, config: Config, otlp: str | None, metrics: str | None, watcher: Watcher
) -> tuple[tuple[Beside, ...], Watcher]:
    """What was asked for, and the watcher to run the watch with; without a folder as source nothing can be received."""
    found: tuple[Beside, ...] = ()
    receiver = None
    if otlp is not None and source is not None:
        host, port = address("--otlp", otlp)
        try:
            from stillwatch.run.receiving import Receiver
        except ModuleNotFoundError as missing:
            raise _not_installed("--otlp", missing) from None
        receiver = Receiver(source, state, config, host, port)
        found += (receiver,)
    if metrics is not None:
        host, port = address("--metrics", metrics)
        try:
            from stillwatch.run.measuring import Measured
        except ModuleNotFoundError as missing:
            raise _not_installed("--metrics", missing) from None
        measured = Measured(state, config, host, port, watcher, receiver)
        found, watcher = (*found, measured), measured.progress
    return found, watcher


def address(option: str, text: str) -> tuple[str, int]:
    """Host and port of an option, to listen on."""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]]+)):(\d{1,5})", text)
    if match is None or int(match[3]) > 65_535:
        raise typer.BadParameter(f"{option} {text!r}: a host and a port, such as 127.0.0.1:4318 or [::1]:4318")
    return match[1] or match[2], int(match[3])


def _not_installed(option: str, missing: ModuleNotFoundError) -> EngineMissing:
    return EngineMissing(
        f"the package {missing.name} is not installed", option, "the extra `watch`", "pip install 'stillwatch[watch]'"
    )
