"""A collection of 100,000 objects, posted and paged through over HTTP: CPU time and memory of the server and of our client.

    python -m bench.taxii_scale [--objects 100000] [--store postgresql+psycopg://…]

Nothing may be lost, repeated or out of order: it stops where anything is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from bench.taxii_peers.peers import COLLECTION, USER
from bench.taxii_peers.probes import indicator
from stillwatch.sharing.taxii.asking import Asking
from stillwatch.sharing.taxii.pulled import pull
from stillwatch.sharing.taxii.pushed import push
from stillwatch.sharing.taxii.remote import Remote, remote

_EXCHANGE = f"""
[collections.all]
id = "{COLLECTION}"
[partners.{USER}]
reads = ["all"]
writes = ["all"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--store", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        (state / "exchange.toml").write_text(_EXCHANGE)
        share = [sys.executable, "-m", "stillwatch", "share"]
        where = ["--state", folder, *(["--store", asked.store] if asked.store else [])]
        secret = subprocess.run([*share, "token", USER, *where, "--yes"], check=True, capture_output=True, text=True)
        server = subprocess.Popen([*share, "serve", *where, "--bind", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
        assert server.stderr is not None
        port = next(line for line in server.stderr if "TAXII on" in line).rpartition(":")[2].strip()
        try:
            asyncio.run(
                _measured(server.pid, f"http://127.0.0.1:{port}/exchange/", secret.stdout.strip(), state, asked.objects)
            )
        finally:
            server.terminate()
            server.wait()


async def _measured(pid: int, address: str, secret: str, state: Path, count: int) -> None:
    print("| | seconds of CPU, server | of client | objects a second of both | MiB of memory, server |")
    print("|---|---|---|---|---|")
    ones = tuple(indicator() for _ in range(count))
    async with Asking(address, f"Bearer {secret}") as asking:
        found = await remote(asking, "all")
        begun = _used(pid)
        done = await push(asking, found, ones)
        assert (done.success, done.failures) == (count, ()), done
        _row(f"{count:,} posted, 500 at a time", begun, _used(pid), count)
        for limit in (1_000, 100):
            begun = _used(pid)
            pulled = await pull(asking, found, state / f"{limit}.json", state / f"in-{limit}", limit=limit)
            _row(f"paged through, {limit:,} at a time", begun, _used(pid), pulled.objects)
            if limit == 1_000:
                ids = [one["id"] for page in pulled.pages for one in orjson.loads(page.read_bytes())["objects"]]
                assert ids == [one["id"] for one in ones], "something was lost, repeated or out of order"
        await _last_page(asking, found, pid, count)


async def _last_page(asking: Asking, found: Remote, pid: int, count: int) -> None:
    """That a page costs the same wherever it is."""
    for name, query in (
        ("the first page of 100", {}),
        ("of 100 of a type that is not there", {"match[type]": "malware"}),
    ):
        begun = _used(pid)
        for _ in range(100):
            await asking.get(found.objects, {"limit": "100", **query})
        _row(f"a hundred times {name}", begun, _used(pid), 0)


Used = tuple[float, float, float]  # seconds of CPU of the server, of this process, and MiB that the server had at most


def _used(pid: int) -> Used:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    server = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    own = resource.getrusage(resource.RUSAGE_SELF)
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return server, own.ru_utime + own.ru_stime, int(peak.split()[1]) / 1024


def _row(name: str, begun: Used, ended: Used, objects: int) -> None:
    server, client = (after - before for before, after in zip(begun[:2], ended[:2], strict=True))
    rate = f"{objects / (server + client):,.0f}" if objects else ""
    print(f"| {name} | {server:.2f} | {client:.2f} | {rate} | {ended[2]:.0f} |", flush=True)


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} seconds by the clock, on a machine that may have done other work")
