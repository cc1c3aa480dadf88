"""OTLP over HTTP into a watch: real exporters, real sockets on the loopback, a real kill; every accepted span counts once."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import begun
import pyarrow.parquet as pq
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http.trace_exporter import Compression, OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from stillwatch.config import Config, Reading, Watch
from stillwatch.run.receiving import Receiver
from stillwatch.run.receiving.files import ReceivedFiles
from stillwatch.run.watching import Asked, watch

HERE = "127.0.0.1"
DAY = timedelta(days=1)
PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Site:
    """A log folder, a state, and a receiver of requests where one is running."""

    def __init__(self, folder: Path) -> None:
        self.log, self.state, self.key = folder / "log", folder / "state", folder / "key"
        for one in (self.log, self.state):
            one.mkdir()
        self.address = (HERE, 0)
        self.processes: list[begun.Begun] = []

    def receiver(self, **changes: Any) -> Receiver:
        return Receiver(self.log, self.state, replace(Config(), **changes), HERE, 0)

    def post(
        self, body: bytes, path: str = "/v1/traces", method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        named = {name.replace("_", "-"): value for name, value in {"content_type": PROTOBUF, **headers}.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def lines(self) -> list[Any]:
        files = sorted((self.log / "exchanges").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def ids(self) -> Counter[str]:
        """Of all exchanges that a watch absorbs from here and has absorbed before."""
        list(watch(Asked(self.log, self.state, DAY, 28 * DAY, self.key, once=True), Config()))
        files = sorted((self.state / "tables/signals").iterdir())
        return Counter(name for file in files for name in pq.read_table(file)["exchange_id"].to_pylist())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def open_site(site: Site) -> Iterator[Site]:
    with site.receiver() as receiver:
        site.address = receiver.address
        yield site


def request(*numbers: int, prompt: str = "Explain the answer step by step.") -> ExportTraceServiceRequest:
    """One request with a span for each number."""
    made = ExportTraceServiceRequest()
    spans = made.resource_spans.add().scope_spans.add().spans
    for number in numbers:
        span = spans.add(trace_id=number.to_bytes(16, "big"), span_id=number.to_bytes(8, "big"), name="chat", kind=3)
        span.start_time_unix_nano = time.time_ns() - 10**9
        for name, value in {
            "gen_ai.operation.name": "chat",
            "user.id": "alice",
            "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": prompt}]}]),
        }.items():
            span.attributes.add(key=name).value.string_value = value
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 7
    return made


def exchange_id(number: int) -> str:
    return f"{number:032x}-{number:016x}"


# --------------------------------------------------------------------------------------------------- what is written


def test_protobuf_becomes_a_line_as_the_collector_writes_it(open_site: Site) -> None:
    status, headers, body = open_site.post(request(5).SerializeToString())
    assert (status, headers["content-type"], body) == (200, PROTOBUF, b"")
    (span,) = open_site.lines()[0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (span["traceId"], span["spanId"], span["kind"]) == (f"{5:032x}", f"{5:016x}", 3)
    assert isinstance(span["startTimeUnixNano"], str)
    assert span["attributes"][-1] == {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "7"}}


def test_json_and_protobuf_and_gzip_of_a_request_are_the_same_line(open_site: Site) -> None:
    packed = request(0xABCDEF).SerializeToString()
    open_site.post(packed)
    as_json = json.dumps(open_site.lines()[0]).replace("abcdef", "ABCDEF").encode()
    for body, headers in (
        (as_json, {"content_type": JSON}),
        (gzip.compress(packed), {"content_encoding": "gzip"}),
        (gzip.compress(as_json[:9]) + gzip.compress(as_json[9:]), {"content_type": JSON, "content_encoding": "gzip"}),
    ):
        status, told, answer = open_site.post(body, **headers)
        assert (status, told["content-type"]) == (200, headers.get("content_type", PROTOBUF))
        assert answer == (b"{}" if "content_type" in headers else b"")
    one, *others = open_site.lines()
    assert others == [one] * 3
    assert open_site.ids() == {exchange_id(0xABCDEF): 1}, "sent four times, counted once"


def test_files_are_for_nobody_else(open_site: Site) -> None:
    open_site.post(request(1).SerializeToString())
    (file,) = (open_site.log / "exchanges").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and file.name.startswith("otlp-")


def test_a_request_without_spans_is_taken_and_leaves_nothing(open_site: Site) -> None:
    assert open_site.post(b"")[0] == 200
    assert open_site.post(b'{"resourceSpans": [{}]}', content_type=JSON)[0] == 200
    assert open_site.lines() == []


def test_a_request_longer_than_a_line_is_cut_between_spans(site: Site) -> None:
    with site.receiver(reading=Reading(max_line_bytes=2_000)) as receiver:
        site.address = receiver.address
        made = request(1, 2, 3)
        made.resource_spans[0].scope_spans[0].spans[1].attributes[0].value.string_value = "x" * 3_000
        status, _, body = site.post(made.SerializeToString())
    told = ExportTraceServiceResponse.FromString(body).partial_success
    assert (status, told.rejected_spans, told.error_message) == (200, 1, "longer than 2000 bytes as JSON")
    assert site.ids() == {exchange_id(1): 1, exchange_id(3): 1}


# -------------------------------------------------------------------------------------------------- what is not taken

GOOD = request(1).SerializeToString()
BOMB = gzip.compress(bytes(100 << 20))  # 100 KB


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"\xff\xff", {}, 400),
        (b"{", {"content_type": JSON}, 400),
        (b"[]", {"content_type": JSON}, 400),
        (b'{"resourceSpans": 3}', {"content_type": JSON}, 400),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "no hex"}]}]}]}', {"content_type": JSON}, 400),
        (b"[" * 100_000, {"content_type": JSON}, 400),
        (GOOD, {"content_encoding": "gzip"}, 400),
        (gzip.compress(GOOD)[:-9], {"content_encoding": "gzip"}, 400),
        (gzip.compress(GOOD) + b"more", {"content_encoding": "gzip"}, 400),
        (BOMB, {"content_encoding": "gzip"}, 413),
        (bytes(21 << 20), {}, 413),
        (GOOD, {"content_type": "text/plain"}, 415),
        (GOOD, {"content_encoding": "zstd"}, 415),
        (GOOD, {"path": "/v1/metrics"}, 404),
        (GOOD, {"method": "PUT"}, 405),
    ],
)
def test_what_is_refused_is_refused_for_good(
    open_site: Site, body: bytes, headers: dict[str, str], status: int
) -> None:
    found, told, answer = open_site.post(body, **headers)
    assert found == status and "retry-after" not in told
    message = json.loads(answer)["message"] if told["content-type"] == JSON else Status.FromString(answer).message
    assert message and open_site.lines() == []
    assert open_site.post(GOOD)[0] == 200, "the next one is taken"


def test_a_bomb_is_not_unpacked(open_site: Site) -> None:
    import tracemalloc

    tracemalloc.start()
    assert open_site.post(BOMB, content_encoding="gzip")[0] == 413
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.parametrize("limit", [Watch(max_waiting_mib=0), Watch(min_free_mib=1 << 40)])
def test_senders_wait_while_there_is_no_room(site: Site, limit: Watch) -> None:
    with site.receiver(watch=limit) as receiver:
        site.address = receiver.address
        status, headers, answer = site.post(GOOD)
    assert (status, headers["retry-after"]) == (503, "10") and Status.FromString(answer).message


# ------------------------------------------------------------------------------------------- exactly once, and not kept


def test_spans_of_the_sdk_arrive(site: Site) -> None:
    with site.receiver() as receiver:
        provider = TracerProvider()
        endpoint = "http://{}:{}/v1/traces".format(*receiver.address)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, compression=Compression.Gzip)))
        tracer = provider.get_tracer("test")
        for number in range(50):
            span = tracer.start_span("chat", attributes={"gen_ai.operation.name": "chat", "user.id": f"u{number % 5}"})
            span.set_attribute("gen_ai.prompt.0.role", "user")
            span.set_attribute("gen_ai.prompt.0.content", f"question {number}")
            span.end()
        provider.shutdown()
        assert receiver.answered.keys() == {200}
    ids = site.ids()
    assert len(ids) == 50 and set(ids.values()) == {1}


def test_what_was_accepted_before_a_kill_counts_once(site: Site) -> None:
    (site.state.parent / "slow.toml").write_text("[watch]\npoll_seconds = 3600.0\n")
    process, site.address = started(site, "--config", str(site.state.parent / "slow.toml"))
    accepted: list[int] = []

    def send(first: int) -> None:
        for number in range(first, first + 40):
            try:
                if site.post(request(number).SerializeToString())[0] == 200:
                    accepted.append(number)
            except OSError:
                return

    threads = [threading.Thread(target=send, args=(1_000 * n + 1,)) for n in range(8)]
    for one in threads:
        one.start()
    while len(accepted) < 100:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    for one in threads:
        one.join()
    process.wait()
    with site.receiver() as receiver:  # senders try again what they saw no answer for, and some of what they did
        site.address = receiver.address
        again = [*accepted[:20], 7_777]
        for number in again:
            assert site.post(request(number).SerializeToString())[0] == 200
    ids = site.ids()
    assert set(ids.values()) == {1} and {exchange_id(number) for number in (*accepted, 7_777)} <= set(ids)


def test_a_line_that_was_cut_spoils_none_after_it(site: Site) -> None:
    for number in (1, 2):
        with site.receiver() as receiver:
            site.address = receiver.address
            site.post(request(number).SerializeToString())
        (file,) = (site.log / "exchanges").iterdir()
        if number == 1:
            with file.open("ab") as half:
                half.write(b'{"resourceSpans":[{"sco')
    assert site.ids() == {exchange_id(1): 1, exchange_id(2): 1}


def test_a_disk_that_fails_for_a_while_costs_nothing(open_site: Site) -> None:
    assert open_site.post(request(1).SerializeToString())[0] == 200
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    (file,) = (open_site.log / "exchanges").iterdir()
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 100, limits[1]))
    try:
        status, headers, _ = open_site.post(request(2).SerializeToString())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert status == 503 and "retry-after" in headers
    for number in (2, 3):
        assert open_site.post(request(number).SerializeToString())[0] == 200
    assert open_site.ids() == {exchange_id(number): 1 for number in (1, 2, 3)}


def test_a_file_that_somebody_removed_begins_anew(open_site: Site) -> None:
    open_site.post(request(1).SerializeToString())
    assert open_site.ids() == {exchange_id(1): 1}
    next((open_site.log / "exchanges").iterdir()).unlink()
    assert open_site.post(request(2).SerializeToString())[0] == 200
    assert open_site.ids() == {exchange_id(1): 1, exchange_id(2): 1}
    position = json.loads((open_site.state / "manifest.json").read_bytes())["position"]
    assert position.keys() == {f"exchanges/{one.name}" for one in (open_site.log / "exchanges").iterdir()}


@pytest.mark.parametrize(
    ("taken", "hours", "stays"),
    [
        (6, 0, True),  # this hour's file is written to
        (6, 23, True),
        (6, 26, False),
        (3, 26, True),  # half of it is not absorbed
        (0, 26, True),
    ],
)
def test_files_go_when_absorbed_and_old_and_others_never(site: Site, taken: int, hours: int, stays: bool) -> None:
    now = [time.time()]
    other = site.log / "exchanges" / time.strftime("otlp-%Y%m%dT%H.jsonl", time.gmtime(now[0]))
    other.parent.mkdir()
    other.write_text("of the operator, under the name that ours would have\n")
    files = ReceivedFiles(site.log, site.state, Watch(), lambda: now[0])
    files.open()
    files.write(b"1\n2\n3\n")
    (ours,) = set(other.parent.iterdir()) - {other}
    assert files.waiting() == 6
    now[0] += hours * 3600
    seen = {"inode": ours.stat().st_ino, "bytes": taken, "lines": taken // 2}
    files.absorbed({f"exchanges/{ours.name}": seen, f"exchanges/{other.name}": {**seen, "inode": other.stat().st_ino}})
    assert (ours.exists(), files.waiting()) == (stays, 6 - taken)
    assert other.exists()
    files.close()
    after = ReceivedFiles(site.log, site.state, Watch(), lambda: now[0])
    after.open()
    assert after.waiting() == (6 if stays else 0), "until the watch says how far it is"


# ------------------------------------------------------------------------------------------------- as it is run for real


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HERE, 0))
        port: int = one.getsockname()[1]
        return port


def started(site: Site, *options: str) -> tuple[begun.Begun, tuple[str, int]]:
    """A watch in a process of its own, once its receiver listens."""
    address = (HERE, free_port())
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()", "watch", str(site.log)]
    command += ["--state", str(site.state), "--key", str(site.key), "--otlp", f"{HERE}:{address[1]}", *options]
    process = begun.popen(begun.WATCH, command)
    site.processes.append(process)
    while process.poll() is None:
        with ExitStack() as tried:
            try:
                tried.enter_context(socket.create_connection(address, timeout=1))
            except OSError:
                time.sleep(0.05)
                continue
            return process, address
    raise AssertionError(process.communicate())


def test_a_service_receives_absorbs_looks_and_ends_when_told(site: Site) -> None:
    (site.state.parent / "quick.toml").write_text("[watch]\npoll_seconds = 0.1\n")
    metrics = free_port()
    options = ("--metrics", f"{HERE}:{metrics}", "--config", str(site.state.parent / "quick.toml"), "--json", "--quiet")
    process, site.address = started(site, *options)
    assert site.post(request(1, 2, 3).SerializeToString())[0] == 200
    assert process.stdout is not None
    look = json.loads(process.stdout.readline())
    assert look["exchanges"] == 3
    connection = http.client.HTTPConnection(HERE, metrics, timeout=30)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    assert (
        "stillwatch_exchanges_absorbed_total 3.0" in page and 'stillwatch_otlp_requests_total{code="200"} 1.0' in page
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0 and process.stderr is not None
    assert process.stderr.read() == "interrupted: the same command goes on from here\n"
    assert site.ids() == {exchange_id(number): 1 for number in (1, 2, 3)}


@pytest.mark.parametrize(("option", "package"), [("--otlp", "uvicorn"), ("--metrics", "prometheus_client")])
def test_without_the_extra_it_is_said_what_to_install(site: Site, option: str, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from stillwatch.cli import main; main()"
    command = [sys.executable, "-c", code, "watch", str(site.log), "--state", str(site.state), option, f"{HERE}:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 14
    told = (Path(__file__).parents[1] / "errors/watch_extra_missing.txt").read_text()
    assert done.stderr == told.replace("PACKAGE", package).replace("OPTION", option)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--otlp", "4318"), 2, "127.0.0.1:4318"),
        (("--otlp", f"{HERE}:65536"), 2, "127.0.0.1:4318"),
        (("--otlp", f"{HERE}:4318", "--once"), 2, "--once"),
        (("--otlp", "192.0.2.1:4318"), 12, "cannot listen there"),
    ],
)
def test_an_address_that_cannot_be_used(
    stillwatch: Any, site: Site, options: tuple[str, ...], code: int, told: str
) -> None:
    ended, out, err = stillwatch("watch", site.log, "--state", site.state, *options)
    assert (ended, out) == (code, "") and told in err
