"""What each kind of evidence contributes: the same worlds, with a column group taken out of the log.

    python -m bench.ablation --out out/ablation [--seed 311] [--scale 0.01]

A provider that does not log a thing has a log without it, so nothing is switched off inside the program. Recall of
campaign accounts, and ordinary accounts accused, for each world and each group of columns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb

from bench.scanned import scanned
from stillwatch.benchmark.measures.accounts import account_counts
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

WORLDS = (
    "disclosure-2026-02@0",
    "disclosure-2026-02@4",
    "quiet-2026-07@0",
    "relay-2026-07@0",
    "disclosure-2026-02@2",
    "september-2026-07@0",
)
# Columns taken out, of exchanges and of accounts. A prompt cannot be left out of a log: each becomes a text of its own.
TAKEN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nothing": ((), ()),
    "identity": ((), ("payment_fingerprint", "payment_country", "device_fingerprint", "phone")),
    "network": (("client_ip", "asn", "country"), ("signup_ip",)),
    "registration": (
        (),
        ("created_at", "email", "email_domain", "signup_user_agent", "pathway", "verification", "plan"),
    ),
    "replay": (("reasoning_signature",), ()),
    "client": (("user_agent", "tls_fingerprint", "header_fingerprint"), ()),
    "parameters": (("max_tokens", "temperature", "stream", "logprobs", "tools"), ()),
    "conversation": (("session_id", "turn"), ()),
    "standing": ((), ("status", "banned_at", "closed_at")),
    "text": (("prompt", "system", "tools"), ()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for worlds, results and ablation.json")
    parser.add_argument("--seed", type=int, default=311)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--worlds", nargs="+", default=WORLDS, help="worlds, with the rung of evasion")
    asked = parser.parse_args()
    rows = []
    for label in asked.worlds:
        name, rung = label.split("@")
        world = asked.out / label
        shutil.rmtree(world, ignore_errors=True)
        make(world, load(name, int(rung), []), scale=asked.scale, seed=asked.seed)
        for taken in TAKEN:
            rows.append({"world": label, "without": taken, **_measured(world, taken)})
            print(_line(rows[-1]), file=sys.stderr)
        shutil.rmtree(world / "log")
        (asked.out / "ablation.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(_table(rows))


def _measured(world: Path, taken: str) -> dict[str, float | int]:
    log = world / "log"
    if taken != "nothing":
        log = world / "less"
        _without(world / "log", log, *TAKEN[taken])
    counts = account_counts(scanned(world, log))
    for folder in ("out", "less"):
        shutil.rmtree(world / folder, ignore_errors=True)
    return {"recall": round(counts["right"] / counts["planted"], 3), "accused": counts["accused"] - counts["right"]}


def _without(log: Path, less: Path, exchanges: tuple[str, ...], accounts: tuple[str, ...]) -> None:
    """A copy of the log without these columns."""
    shutil.copytree(log, less, ignore=shutil.ignore_patterns("exchanges", "accounts.parquet"))
    (less / "exchanges").mkdir()
    for part in sorted((log / "exchanges").glob("*.parquet")):
        _copy(part, less / "exchanges" / part.name, exchanges)
    _copy(log / "accounts.parquet", less / "accounts.parquet", accounts)


def _copy(source: Path, target: Path, left_out: tuple[str, ...]) -> None:
    known = duckdb.sql(f"SELECT * FROM '{source}' LIMIT 0").columns
    dropped = [name for name in left_out if name in known and name != "prompt"]
    exclude = f"EXCLUDE ({', '.join(dropped)})" if dropped else ""
    replaced = "REPLACE (exchange_id AS prompt)" if "prompt" in left_out and "prompt" in known else ""
    duckdb.sql(f"COPY (SELECT * {exclude} {replaced} FROM '{source}') TO '{target}' (FORMAT parquet)")


def _line(row: Mapping[str, object]) -> str:
    return f"{row['world']} without {row['without']}: recall {row['recall']}, accused {row['accused']}"


def _table(rows: list[dict[str, object]]) -> str:
    """Markdown: a row for each group of columns, a column for each world."""
    worlds = list(dict.fromkeys(str(row["world"]) for row in rows))
    told = {(row["world"], row["without"]): row for row in rows}
    lines = [
        "| without | " + " | ".join(worlds) + " |",
        "|---" * (len(worlds) + 1) + "|",
    ]
    for taken in TAKEN:
        cells = [told[(world, taken)] for world in worlds]
        lines.append(
            f"| {taken} | "
            + " | ".join(f"{one['recall']:.3f}" + (f" ({one['accused']})" if one["accused"] else "") for one in cells)
            + " |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
