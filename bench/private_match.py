"""What a private match costs: 24,000 values asked of a set of 1,000,000, of which 1,000 are in both; openmined-psi beside it.

    python -m bench.private_match [--set 1000000] [--asked 24000] [--common 1000] [--workers 2] [--peer VENV/bin/python]

Seconds of the clock say something on an idle machine alone; seconds of processors, of all processes together, always. Memory is
the most that this process ever had; each helper has some 30 MiB. The peer, which has no labels and no proofs, comes by

    python -m venv VENV && VENV/bin/pip install openmined-psi==2.0.6
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillwatch.sharing.matching.identifiers import Gathered

PEER = """
import json, resource, sys, time
import private_set_intersection.python as psi
entries, asked, common = map(int, sys.argv[1:])
theirs = [f"email\\0user{n}@provider.example" for n in range(entries)]
ours = theirs[:common] + [f"email\\0other{n}@provider.example" for n in range(asked - common)]
steps = []
def step(name, does, size=lambda made: 0):
    clock, begun = time.perf_counter(), time.process_time()
    made = does()
    steps.append([name, time.perf_counter() - clock, time.process_time() - begun, size(made)])
    return made
written = lambda made: len(made.SerializeToString())
server, client = psi.server.CreateWithNewKey(True), psi.client.CreateWithNewKey(True)
setup = step("set-up", lambda: server.CreateSetupMessage(1e-9, len(ours), theirs, psi.DataStructure.GCS), written)
request = step("request", lambda: client.CreateRequest(ours), written)
reply = step("evaluation", lambda: server.ProcessRequest(request), written)
found = step("finish", lambda: client.GetIntersection(setup, reply))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"steps": steps, "found": len(found), "mebibytes": peak}))
"""


def main() -> None:
    # Not above: helpers import this file as they start.
    from stillwatch.sharing.matching import asker, holder
    from stillwatch.sharing.matching.identifiers import CAMPAIGN
    from stillwatch.sharing.matching.spent import Spent

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=24_000)
    parser.add_argument("--common", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peer", type=Path)
    options = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f}, {options.workers} processes\n")
    print("| | clock, s | processors, s | bytes |\n|---|---|---|---|")
    theirs = _values(f"user{n}@provider.example" for n in range(options.set))
    first = [f"user{n}@provider.example" for n in range(options.common)]
    ours = _values(first + [f"other{n}@provider.example" for n in range(options.asked - options.common)])
    now, secret = time.time(), os.urandom(32)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        terms = holder.Terms("north", "south", "one", int(now) + 86_400, ("email",), CAMPAIGN)
        with _timed("set-up") as sent:
            published = holder.set_up(state, terms, theirs, options.workers)
            sent.append(len(published))
        with _timed("request") as sent:
            request = asker.request(published, ours, secret, now, options.workers)
            sent.append(len(request))
        with _timed("evaluation and proof") as sent:
            reply = holder.evaluated(state, "south", request, now, Spent(state), options.workers)
            sent.append(len(reply))
        with _timed("proof checked, and finish"):
            answer = asker.finished(published, ours, secret, reply, now, options.workers)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nfound {answer.found:,} of {options.common:,}; {own:,.0f} MiB")
    if options.peer:
        words = [str(options.peer), "-c", PEER, str(options.set), str(options.asked), str(options.common)]
        told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        for name, clock, processors, size in told["steps"]:
            print(f"| openmined-psi, {name} | {clock:.1f} | {processors:.1f} | {size:,} |")
        print(f"\nfound {told['found']:,}; {told['mebibytes']:,.0f} MiB")


def _values(addresses: Iterator[str] | list[str]) -> Gathered:
    from stillwatch.sharing.matching.identifiers import Gathered, Held

    return Gathered({b"email\0" + one.encode(): Held([one], "C-1", 0.9) for one in addresses}, Counter())


@contextmanager
def _timed(name: str) -> Iterator[list[int]]:
    sent: list[int] = []
    clock, begun = time.perf_counter(), _processors()
    yield sent
    spent = time.perf_counter() - clock, _processors() - begun
    print(f"| {name} | {spent[0]:.1f} | {spent[1]:.1f} | {sent[0] if sent else 0:,} |", flush=True)


def _processors() -> float:
    """Seconds of this process and of those that it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main()
