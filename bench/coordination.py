"""`stillwatch link` on real co-sharing, co-retweeting and suspected bought stars, beside the published tools.

    python -m bench.coordination [--seconds 10 60]

Reads $STILLWATCH_DATA/coordination (default ../shared/data beside the repository). Peers are used where they are found and
skipped with a reason where not: CooRTweet needs Rscript with data.table, and $STILLWATCH_COORTWEET, a checkout of
github.com/nicolarighetti/CooRTweet, whose own detect_groups is run; the coordination network toolkit of QUT needs
`make .venv/peers-installed` (its compute_co_retweet_parallel, one process). None of the sets has labels of accounts:
agreement is what can be measured, and the examples where the two differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DATA
from bench.side_by_side.contender import Contender, raced
from stillwatch.config import Config
from stillwatch.run import Place, link

COORDINATION = DATA / "coordination"
PARTICIPATIONS = 2  # acts an account must take part in; the default of CooRTweet, and what its papers use
PATIENCE = 600  # seconds for a peer on one set
LINKING = (
    "account_values",
    "own_shared_values",
    "given_shared_values",
    "shared_values",
    "meetings",
    "own_pairs",
    "pairs",
    "ties",
    "links",
)  # stages that do what detect_groups does

R = """
suppressMessages(library(data.table)); setDTthreads(1); a <- commandArgs(TRUE)
for (f in c("calc_group_combinations.R", "detect_groups.R")) source(file.path(a[1], "R", f))
x <- fread(a[2]); t <- system.time(r <- detect_groups(x, time_window = as.numeric(a[3]), min_participation = as.numeric(a[4])))
fwrite(r[, .(object_id, account_id, account_id_y)], a[5]); cat(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]])
"""


@dataclass(frozen=True)
class Found:
    """Pairs that a tool calls coordinated."""

    seconds: float
    cpu: float | None
    pairs: str  # CSV or Parquet of account_a, account_b, times


class Processor:
    """Watches a run and counts each stage's seconds of processor, which other work on the machine does not lengthen."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._started = time.process_time()

    def begins(self, doing: str, total: int | None) -> None:
        self._started = time.process_time()

    def advances(self, done: int) -> None:
        pass

    def ends(self, name: str, rows: int, seconds: float) -> None:
        self.seconds[name] += time.process_time() - self._started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60], help="windows of the peers")
    parser.add_argument("--sets", nargs="+", help="names of sets, such as russian_coordinated_tweets; all if not given")
    options = parser.parse_args()
    if not COORDINATION.is_dir():
        print(f"no coordination data at {COORDINATION}: set STILLWATCH_DATA", file=sys.stderr)
        return 10
    for path in sorted(COORDINATION.glob("*.parquet")):
        if not options.sets or path.stem in options.sets:
            with tempfile.TemporaryDirectory() as folder:
                compare(path, Path(folder), options.seconds)
    return 0


def compare(path: Path, folder: Path, windows: list[int]) -> None:
    rows = as_log(path, folder)
    watcher, before = Processor(), time.process_time()
    outcome = link(Place(folder / "log", folder / "out"), Config(), watcher)
    whole = time.process_time() - before
    linking = sum(watcher.seconds[name] for name in LINKING)
    start = time.perf_counter()
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()"]
    command += ["link", str(folder / "log"), "--out", str(folder / "again"), "-q"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    end = time.perf_counter() - start
    totals = outcome.report.totals
    print(f"\n{path.stem}: {rows:,} rows; {totals['clusters']:,} clusters of {totals['accounts']:,} accounts")
    print(
        f"  stillwatch link: {end:.2f} s from start to end; of processor {whole:.2f} s without its start, "
        f"{linking:.2f} s of them linking, {watcher.seconds['meetings']:.2f} s pairing"
    )
    for seconds in windows:
        for name, run in (("CooRTweet", coortweet), ("QUT", qut)):
            found = run(folder, seconds)
            if isinstance(found, str):
                print(f"  {name}, {seconds} s: skipped, {found}")
            else:
                spent = "" if found.cpu is None else (
                    f", {found.cpu:.2f} s of processor: {found.cpu / whole:.1f} times ours, {found.cpu / linking:.0f} times "
                    f"our linking, {found.cpu / watcher.seconds['meetings']:.0f} times our pairing"
                )  # fmt: skip
                print(f"  {name}, {seconds} s: {found.seconds:.2f} s{spent}\n    {agreement(folder, found.pairs)}")


def coortweet(folder: Path, seconds: int) -> Found | str:
    home = os.environ.get("STILLWATCH_COORTWEET")
    if home is None or shutil.which("Rscript") is None:
        return "no Rscript" if home else "STILLWATCH_COORTWEET is not set"
    rows, target, pairs = as_rows(folder), folder / f"groups-{seconds}.csv", folder / f"coortweet-{seconds}.csv"
    command = ["Rscript", "-e", R, home, rows, str(seconds), str(PARTICIPATIONS), target]
    told = _ran([str(one) for one in command])
    if told is None:
        return "it failed or ran out of time"
    elapsed, cpu = map(float, told.split()[-2:])
    duckdb.sql(
        "COPY (SELECT least(account_id, account_id_y) AS account_a, greatest(account_id, account_id_y) AS account_b, "
        f"count(DISTINCT object_id) AS times FROM read_csv('{target}', all_varchar = true) GROUP BY 1, 2) TO '{pairs}' (HEADER)"
    )
    return Found(elapsed, cpu, str(pairs))


def qut(folder: Path, seconds: int) -> Found | str:
    as_rows(folder)
    pairs = folder / f"qut-{seconds}.parquet"
    ran = raced(Contender("QUT", "coordination-network-toolkit", "qut.pairing", {"seconds": seconds}), folder, pairs, 1)
    return str(ran["skipped"]) if "skipped" in ran else Found(ran["wall"], ran["cpu"], str(pairs))


def _ran(command: list[str]) -> str | None:
    try:
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "TZ": "UTC"}
        ).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError):
        return None


def as_log(path: Path, folder: Path) -> int:
    """The rows as a log of evidence in `folder/log`; returns how many."""
    (folder / "log").mkdir(exist_ok=True)
    evidence = pq.read_table(path, columns=["account_id", "kind", "value", "timestamp"])
    plain = pa.schema([(name, pa.string()) for name in ("account_id", "kind", "value")]).append(
        evidence.schema.field(3)
    )
    pq.write_table(evidence.cast(plain), folder / "log/evidence.parquet")
    return len(evidence)


def as_rows(folder: Path) -> Path:
    """The same rows for the peers, each kind's values apart."""
    target = folder / "rows.csv"
    if not target.exists():
        duckdb.sql(
            "COPY (SELECT kind || ' ' || value AS object_id, account_id, 'c' || row_number() OVER () AS content_id, "
            f"epoch(timestamp)::BIGINT AS timestamp_share FROM '{folder}/log/evidence.parquet') TO '{target}' (HEADER)"
        )
    return target


def agreement(folder: Path, pairs: str) -> str:
    """Of the tool's accounts and pairs, those in one of our clusters; of ours at even odds or better, those in its pairs."""
    clusters = f"'{folder}/out/clusters.parquet'"
    told = []
    for times in (1, PARTICIPATIONS):
        accounts, known, ties, together, ours, confirmed = duckdb.sql(f"""
            WITH p AS (SELECT account_a::VARCHAR AS account_a, account_b::VARCHAR AS account_b FROM '{pairs}'
                WHERE times >= {times}),
            theirs AS (SELECT account_a AS account_id FROM p UNION SELECT account_b FROM p),
            ours AS (FROM {clusters} WHERE score >= .5)
            SELECT (SELECT count(*) FROM theirs), (SELECT count(*) FROM theirs SEMI JOIN {clusters} USING (account_id)),
                (SELECT count(*) FROM p), (SELECT count(*) FROM p JOIN {clusters} a ON a.account_id = account_a
                    JOIN {clusters} b ON b.account_id = account_b AND b.cluster_id = a.cluster_id),
                (SELECT count(*) FROM ours), (SELECT count(*) FROM ours SEMI JOIN theirs USING (account_id))
        """).fetchall()[0]  # fmt: skip
        told.append(
            f"met {times}+ times: {known:,} of {accounts:,} accounts in a cluster, {together:,} of {ties:,} pairs in one; "
            f"of our {ours:,} it has {confirmed:,}"
        )
    return "\n    ".join(told)


if __name__ == "__main__":
    raise SystemExit(main())
