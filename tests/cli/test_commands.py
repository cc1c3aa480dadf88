"""Commands as a person and a script use them: exit codes, JSON on stdout, everything else on stderr."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spark_here

from stillwatch.errors import EXIT_CODES

Run = Callable[..., tuple[int, str, str]]
SPARK = pytest.mark.skipif(bool(spark_here.missing()), reason=spark_here.missing())
ROW = {"exchange_id": "x", "account_id": "a", "timestamp": "2026-02-02T09:00:00Z", "prompt": "How do I bake bread?"}


def log(folder: Path, *rows: dict[str, Any]) -> Path:
    (folder / "exchanges").mkdir(parents=True)
    (folder / "exchanges/one.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_done_is_0_and_stdout_is_the_answer(stillwatch: Run, tmp_path: Path) -> None:
    code, out, err = stillwatch("scan", log(tmp_path / "log", ROW), "--out", tmp_path / "out", "--fail-on", 0, "--json")
    assert code == 0, "no campaign reaches even a level of 0"
    document = json.loads(out)
    assert document["campaigns"] == [] and document["totals"]["exchanges"] == 1
    assert "signals" in err, "progress goes to stderr"
    saved = json.loads((tmp_path / "out/campaigns.json").read_bytes())
    for one in (saved, document):
        del one["totals"]["stages"]  # writing the document takes time as well
    assert saved == document


def test_it_is_a_module_as_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stillwatch", "worlds", "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "calm-2026-02" in done.stdout


def test_quiet_says_nothing_on_stderr_and_13_tells_of_rows_set_aside(stillwatch: Run, tmp_path: Path) -> None:
    folder = log(
        tmp_path / "log", ROW, {**ROW, "exchange_id": "y", "timestamp": "not a time"}, {**ROW, "account_id": None}
    )
    code, out, err = stillwatch("scan", folder, "--out", tmp_path / "out", "--json", "--quiet")
    assert code == 13
    assert json.loads(out)["totals"]["rejected"] == 2
    (line,) = err.strip().splitlines()
    assert "2 input rows" in line and "rejected.jsonl" in line
    rejected = [json.loads(one) for one in (tmp_path / "out/rejected.jsonl").read_text().splitlines()]
    assert [(one["line"], one["column"]) for one in rejected] == [(2, "timestamp"), (3, "account_id")]
    assert all(one["file"] and one["reason"] for one in rejected)


def test_fail_on_is_1(stillwatch: Run, ring: Any, tmp_path: Path) -> None:
    arguments = ("scan", ring.log, "--out", tmp_path / "out", "--fail-on", 0.5, "--quiet", "--json")
    code, out, _ = stillwatch(*arguments)
    assert code == 1 and len(json.loads(out)["campaigns"]) == 1, "the answer is given all the same"


@pytest.mark.parametrize(
    "arguments",
    [["scan"], ["scan", "LOG", "--no-such"], ["nothing"], ["scan", "LOG", "--fail-on", "2"],
     ["scan", "LOG", "--as-of", "yesterday"]],
)  # fmt: skip
def test_usage_is_2(stillwatch: Run, arguments: list[str]) -> None:
    code, out, err = stillwatch(*arguments)
    assert (code, out) == (2, "") and err


def test_nothing_to_read_is_10(stillwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for where in (tmp_path / "log", tmp_path / "nowhere"):
        code, out, err = stillwatch("scan", where, "--out", tmp_path / "out")
        assert (code, out) == (10, "") and err.startswith("error: ") and str(where) in err


@pytest.mark.parametrize(
    ("keep", "code", "told"),
    [
        ("3650d", 13, "1 input rows were set aside"),
        ("1h", 10, "no exchange is kept; of what came 2 rows were set aside"),
    ],
)
def test_a_single_look_says_what_it_could_not_look_at(
    stillwatch: Run, tmp_path: Path, keep: str, code: int, told: str
) -> None:
    folder = log(tmp_path / "log", ROW, {**ROW, "exchange_id": "y", "timestamp": "not a time"})
    ended, out, err = stillwatch(
        "watch", folder, "--state", tmp_path / "state", "--keep", keep, "--once", "--quiet", "--json"
    )
    assert (ended, bool(out)) == (code, code == 13)
    assert told in err and str(tmp_path / "state/rejected.jsonl") in err


def test_an_unknown_format_is_11(stillwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "log/exchanges").mkdir(parents=True)
    (tmp_path / "log/exchanges/one.parquet").write_bytes(b"this is no parquet file")
    code, out, err = stillwatch("scan", tmp_path / "log", "--out", tmp_path / "out")
    assert (code, out) == (11, "") and "one.parquet" in err


@pytest.mark.parametrize(
    "text, told", [("[links]\nno_such = 1\n", "links.no_such"), ("seed = 'x'\n", "seed"), ("[[[", "TOML")]
)
def test_bad_configuration_is_12(stillwatch: Run, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    code, out, err = stillwatch("scan", log(tmp_path / "log", ROW), "--config", tmp_path / "settings.toml")
    assert (code, out) == (12, "") and told in err and "settings.toml" in err


def test_an_unknown_engine_is_14(stillwatch: Run, tmp_path: Path) -> None:
    code, out, err = stillwatch("scan", log(tmp_path / "log", ROW), "--engine", "abacus", "--out", tmp_path / "out")
    assert (code, out) == (14, "") and "abacus" in err


@pytest.mark.parametrize(
    ("blocked", "path", "told", "next_step"),
    [
        ("pyspark", None, "Spark is not installed", "pip install 'stillwatch[spark]'"),
        pytest.param("", "/nowhere", "Spark did not start", "openjdk-17-jre-headless", marks=SPARK),
    ],
    ids=["no pyspark", "no Java"],
)
def test_a_missing_engine_is_14(tmp_path: Path, blocked: str, path: str | None, told: str, next_step: str) -> None:
    """In a process of its own, on whose path there is no such thing."""
    folder = log(tmp_path / "log", ROW)
    started = f"import sys; sys.modules[{blocked!r}] = None; from stillwatch.cli import main; main()"
    given = [sys.executable, "-c", started, "scan", str(folder), "--engine", "spark", "--out", str(tmp_path / "out")]
    here = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "dirname"):  # the script that looks for Java has to be found where Java is not
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    environment = here if path is None else {**here, "PATH": str(tmp_path / "bin")}
    done = subprocess.run(given, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (14, ""), done.stderr
    assert told in done.stderr and next_step in done.stderr and "--engine spark" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--table", "exchanges=lake.requests"], ["--write-to", "lake"],
     ["--engine", "spark", "--table", "requests=lake.requests"], ["--engine", "spark", "--table", "exchanges"]],
)  # fmt: skip
def test_options_of_a_cluster_that_make_no_sense_are_2(stillwatch: Run, tmp_path: Path, arguments: list[str]) -> None:
    assert stillwatch("scan", log(tmp_path / "log", ROW), *arguments)[0] == 2


def test_two_runs_in_one_folder_is_15(stillwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with (tmp_path / "out/.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        code, out, err = stillwatch("scan", log(tmp_path / "log", ROW), "--out", tmp_path / "out")
    assert (code, out) == (15, "") and str(tmp_path / "out") in err


def test_a_defect_is_70_and_marked(stillwatch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("stillwatch.cli.app", defective)
    code, out, err = stillwatch("scan")
    assert (code, out) == (70, "") and "BUG: ZeroDivisionError" in err and "STILLWATCH_TRACEBACK" in err


def test_explain_a_campaign(stillwatch: Run, ring: Any) -> None:
    (campaign,) = ring.outcome.report.campaigns
    code, out, _ = stillwatch("explain", campaign.campaign_id, "--out", ring.out, "--verify")
    assert code == 0 and campaign.campaign_id in out
    assert "same" in out and "DIFFERS" not in out
    code, out, _ = stillwatch("explain", campaign.campaign_id, "--out", ring.out, "--verify", "--json")
    document = json.loads(out)
    assert code == 0 and document["checks"] and all(one["same"] for one in document["checks"])


def test_explain_an_account(stillwatch: Run, ring: Any) -> None:
    code, out, _ = stillwatch("explain", "ring-0003", "--out", ring.out)
    assert code == 0 and "ring-0003" in out
    code, out, _ = stillwatch("explain", "A-people-0003", "--out", ring.out, "--json")
    assert code == 0 and "people-0003" in json.dumps(json.loads(out))


def test_explain_an_unknown_name_is_10(stillwatch: Run, ring: Any) -> None:
    code, out, err = stillwatch("explain", "nobody", "--out", ring.out)
    assert (code, out) == (10, "") and "nobody" in err


def test_link_on_evidence_alone(stillwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    rows = [{"account_id": f"a{n}", "kind": "wallet", "value": f"w{w}"} for n in range(4) for w in range(4)]
    rows += [{"account_id": f"p{n}", "kind": "wallet", "value": f"own {n}"} for n in range(200)]
    (tmp_path / "log/evidence.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, _ = stillwatch("link", tmp_path / "log", "--out", tmp_path / "out", "--json", "--quiet")
    assert code == 0 and json.loads(out)["clusters"] == 1
    assert (tmp_path / "out/clusters.parquet").exists()


def test_report_renders_again(stillwatch: Run, ring: Any, tmp_path: Path) -> None:
    code, out, _ = stillwatch("report", "--out", ring.out, "--html", tmp_path / "page.html")
    assert code == 0 and str(tmp_path / "page.html") in out.replace("\n", "")
    assert (tmp_path / "page.html").read_text() == (ring.out / "report.html").read_text()


def test_help_names_the_exit_codes_and_loads_no_engine() -> None:
    told = (
        "import sys; sys.argv = ['stillwatch', '--help']\n"
        "from stillwatch.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'ibis', 'duckdb', 'numba', 'numpy', 'pyarrow', 'scipy', 'networkit', 'pandas'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
    for code, _ in EXIT_CODES:
        assert f"{code}:" in done.stdout
