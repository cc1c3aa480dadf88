"""Options that several commands of `share match` have, and what is told at their end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import CONFIG, JSON

if TYPE_CHECKING:
    import pyarrow as pa

    from stillwatch.sharing.matching.identifiers import Gathered

LOG = typer.Argument(..., metavar="LOG", help="Log folder with the accounts table; values are read into memory alone.")
RESULT = typer.Option(..., "--result", "-r", help="Result folder of a scan of it: who is in a campaign.")
STATE = typer.Option(Path("matching"), help="Folder for keys, sets, quotas and the log of evaluations.")
PARTNER = typer.Option(..., help="The partner's name: letters a-z, digits, dashes.")
EPOCH = typer.Option(..., help="The epoch's name, such as 2026-11: each has a key of its own.")
MATCHES = typer.Option(Path("matches.parquet"), "--out", "-o", help="Table of matches to write.")
EVIDENCE = typer.Option(
    None, help="Write rows of evidence as well, to add to LOG/evidence.parquet before the next scan."
)
SECRET = typer.Option(Path("request.secret"), help="File with the request's secret; `finish` removes it.")
WORKERS = typer.Option(None, min=1, help="Processes; by default one a core.")
__all__ = ["CONFIG", "JSON"]


def installed() -> None:
    """Say what is missing before anything of `sharing` is imported."""
    from stillwatch.cli.share.needs import needs

    for name in ("rbcl", "uvicorn", "aiohttp"):
        needs(name, "share")


def gathered(log: Path, result: Path, kinds: tuple[str, ...], whom: str, config: Path | None) -> Gathered:
    """Values of a log, as the scan sees its accounts; what was left out is told."""
    from datetime import UTC, datetime

    from stillwatch.config import load
    from stillwatch.sharing.matching.identifiers import gathered as found

    made = found(log, result, kinds, whom, load(config).reading, datetime.now(UTC))
    for why, many in made.left_out.most_common():
        typer.echo(f"left out: {many:,} values, {why}", err=True)
    return made


def read(path: Path) -> bytes:
    from stillwatch.errors import BadConfiguration

    try:
        return path.read_bytes()
    except OSError as problem:
        raise BadConfiguration(f"not readable: {problem.strerror}", str(path), "a file of `share match`") from None


def write(path: Path, content: bytes) -> None:
    """For its owner alone, whole or not at all."""
    from stillwatch.sharing.files import replace

    replace(path, content)


def kept(matches: pa.Table, out: Path, evidence: Path | None) -> dict[str, Any]:
    """Write what was matched; what to tell of it."""
    import pyarrow.parquet as pq

    from stillwatch.sharing.matching import matched

    pq.write_table(matches, out, compression="zstd")
    rows = matched.evidence(matches)
    if evidence is not None:
        pq.write_table(rows, evidence, compression="zstd")
    kinds = matches["kind"].value_counts().to_pylist()
    return {
        "matches": str(out), "accounts": len(matches["account_id"].unique()),
        "by_kind": {one["values"]: one["counts"] for one in sorted(kinds, key=lambda one: str(one["values"]))},
        "partner_campaigns": len(matches["partner_campaign"].drop_null().unique()), "evidence_rows": len(rows),
    }  # fmt: skip


def told(document: Mapping[str, Any], as_json: bool) -> None:
    """The answer: as JSON, or a line for each thing."""
    import orjson

    if as_json:
        sys.stdout.buffer.write(orjson.dumps({"schema_version": 1, **document}, option=orjson.OPT_INDENT_2) + b"\n")
        return
    for name, value in document.items():
        typer.echo(f"{name.replace('_', ' ')}: {_words(value)}")


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items()) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
