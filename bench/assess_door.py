"""How long the door takes to assess a sign-up while others come: over HTTP, by the service as a provider runs it.

    python -m bench.assess_door [--known 20000] [--seconds 10] [--connections 8] [--rate 100]

The service is a process of its own (`stillwatch verify serve`) that has seen `--known` made sign-ups before. Then others come
over keep-alive connections: at a rate, as they do, and as fast as it answers. Times are those of the one who asks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import orjson
import pyarrow.parquet as pq

from stillwatch.tables.log import LOG_SIGNUPS
from stillwatch.worlds.signups import make

SIGNUPS = 264_000  # of a world at full scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--known", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=float, default=100.0, help="sign-ups a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make(place, scale=(given.known + 12_000) / SIGNUPS, seed=254, rung=2)
        rows = _rows(place / "log" / "accounts.parquet")
        service, address = _service(place / "state")
        try:
            token = (place / "state" / "inside.token").read_text().split()[0]
            asyncio.run(_asked(address, token, rows, given))
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(30)


def _rows(path: Path) -> list[bytes]:
    """Bodies, in the order of coming; instants as seconds, what is not told left out."""
    made = []
    for row in pq.read_table(path, columns=list(LOG_SIGNUPS.names)).to_pylist():
        told = {name: value for name, value in row.items() if value is not None and name not in ("status", "banned_at")}
        made.append(orjson.dumps({name: _plain(value) for name, value in told.items()}))
    return made


def _plain(value: Any) -> Any:
    return value.timestamp() if hasattr(value, "timestamp") else value


def _service(state: Path) -> tuple[subprocess.Popen[bytes], str]:
    command = [sys.executable, "-m", "stillwatch", "verify", "serve", "--state", str(state), "--inside", "127.0.0.1:0"]
    service = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ)
    assert service.stderr is not None
    for line in service.stderr:
        found = re.search(rb"inside on (http://\S+)", line)
        if found:
            return service, found[1].decode()
    raise SystemExit("the service did not start")


async def _asked(address: str, token: str, rows: list[bytes], given: argparse.Namespace) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    connector = aiohttp.TCPConnector(limit=given.connections)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        coming = iter(rows)

        async def one(body: bytes) -> float:
            begun = time.perf_counter()
            async with session.post(f"{address}/v1/accounts/assess", data=body) as answer:
                await answer.read()
                assert answer.status == 200, await answer.text()
            return time.perf_counter() - begun

        begun = time.perf_counter()
        for body in rows[: given.known]:
            await one(body)
            next(coming)
        print(
            f"{given.known:,} sign-ups, one after another: {(time.perf_counter() - begun) / given.known * 1e3:.2f} ms each"
        )
        took: list[float] = []

        async def timed(body: bytes) -> None:
            took.append(await one(body))

        ends, tasks = time.perf_counter() + given.seconds, []
        dice = np.random.default_rng(1)
        while time.perf_counter() < ends and (body := next(coming, None)) is not None:
            tasks.append(asyncio.create_task(timed(body)))
            await asyncio.sleep(dice.exponential(1.0 / given.rate))
        await asyncio.gather(*tasks)
        _show(f"{given.rate:g} a second, at random", took)
        took = []

        async def busy() -> None:
            while time.perf_counter() < ends and (body := next(coming, None)) is not None:
                await timed(body)

        begun, ends = time.perf_counter(), time.perf_counter() + given.seconds
        await asyncio.gather(*(busy() for _ in range(given.connections)))
        _show(f"{given.connections} connections, {len(took) / (time.perf_counter() - begun):,.0f} a second", took)


def _show(what: str, took: list[float]) -> None:
    times = np.percentile(np.array(took) * 1e3, [50, 90, 99, 99.9])
    print(
        f"{what}: {len(took):,} sign-ups; p50 {times[0]:.2f}, p90 {times[1]:.2f}, p99 {times[2]:.2f}, p99.9 {times[3]:.2f} ms"
    )


if __name__ == "__main__":
    main()
