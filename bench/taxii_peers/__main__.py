"""The same questions to TAXII 2.1 servers of others and to ours: where each answers as the standard says.

    python -m bench.taxii_peers [--opentaxii PYTHON] [--medallion-head PYTHON]

medallion is in the extra `share-tests`. OpenTAXII, and medallion as it stands in its repository, pin other versions of what we
use: each is taken from a Python of its own, whose `bin/python` is given. What is not there is skipped, and said.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.taxii_peers import peers
from bench.taxii_peers.peers import Peer
from bench.taxii_peers.probes import LAST, TAXII, added, ask, compared, extension, indicator, paged, status

Row = tuple[str, str, bool]  # probe, what was answered, whether the standard is met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opentaxii", help="Python that has OpenTAXII")
    parser.add_argument("--medallion-head", help="Python that has medallion from its repository")
    asked = parser.parse_args()
    found: dict[str, dict[str, Row]] = {}
    for name, begin in _servers(asked):
        try:
            with tempfile.TemporaryDirectory() as folder, begin(Path(folder)) as peer:
                found[name] = {row[0]: row for row in _rows(peer)}
        except (RuntimeError, OSError) as problem:
            print(f"{name}: skipped, {problem}")
    names = list(found)
    print("| | " + " | ".join(names) + " |\n|---" * 1 + "|---" * len(names) + "|")
    for probe in next(iter(found.values())):
        cells = [found[name].get(probe, (probe, "not reached", False)) for name in names]
        print(f"| {probe} | " + " | ".join(text if good else f"**{text}**" for _, text, good in cells) + " |")
    met = [sum(good for _, _, good in found[name].values()) for name in names]
    print(f"| as the standard says, of {len(next(iter(found.values())))} | " + " | ".join(map(str, met)) + " |")


def _servers(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    yield "stillwatch", peers.stillwatch
    if find_spec("medallion"):
        yield "medallion 3.0.0", peers.medallion
    else:
        print("medallion: skipped, not installed (pip install 'stillwatch[share-tests]')")
    if asked.medallion_head:
        name = "medallion HEAD"
        begin: Any = partial(peers.medallion, python=asked.medallion_head, name=name, module="")
        yield name, begin
    else:
        print("medallion HEAD: skipped, no Python given")
    if asked.opentaxii:
        other: AbstractContextManager[Peer] | Any = partial(
            peers.opentaxii, python=asked.opentaxii, name="OpenTAXII HEAD"
        )
        yield "OpenTAXII HEAD", other
    else:
        print("OpenTAXII: skipped, no Python given")


def _rows(peer: Peer) -> Iterator[Row]:
    ones = [indicator() for _ in range(22)]
    told = added(peer, ones)
    yield "POST of 22 objects: taken/failed", told, told == "22/0"
    yield "the same in pages of 7, by `next`", *compared(paged(peer, 7), ones)
    yield "the same by X-TAXII-Date-Added-Last alone (3.5)", *compared(paged(peer, 7, by_date=True), ones)
    more: list[dict[str, Any]] = []

    def writes(page: int) -> None:
        if page < 3:
            more.append(indicator())
            added(peer, more[-1:])

    yield (
        "the same while others write, then what came after the last",
        *compared(paged(peer, 7, meanwhile=writes, again=True), ones + more),
    )
    told = added(peer, ones[:5])
    count, _ = compared(paged(peer, 100), ones + more)
    yield (
        "5 of them once more (5.5): taken/failed, then there",
        f"{told}, {count}",
        (told, count) == ("5/0", str(len(ones + more))),
    )
    later = indicator("2026-02-01T00:00:00.000Z", ones[0]["id"])
    added(peer, [later])
    for query, versions in (("", [later["modified"]]), ("match[version]=first", [ones[0]["modified"]]),
                            ("match[version]=all", [ones[0]["modified"], later["modified"]])):  # fmt: skip
        said = ask(peer, "GET", f"{peer.objects}{ones[0]['id']}/?{query}")
        got = [one.get("modified") for one in said.document.get("objects", [])]
        good = said.status == 200 and got == versions
        yield f"versions of an object, {query or 'by default'} (3.4.1)", f"{len(got)}" if good else str(said), good
    for query in ("added_after=bad", "limit=0", "limit=-1", "limit=abc", "next=bad", "match[version]=bad",
                  "added_after=2026-01-01T00:00:00.000000Z&added_after=2026-01-01T00:00:00.000000Z"):  # fmt: skip
        shown = query if len(query) < 30 else "added_after twice"
        yield f"{shown}: 400 (3.4)", *status(400)(ask(peer, "GET", f"{peer.objects}?{query}"))
    said = ask(peer, "GET", f"{peer.objects}?match[type]=malware")
    yield (
        "nothing matches: an empty envelope, dates in headers (3.2, 3.7)",
        f"{said}, {LAST in said.headers}",
        (said.status == 200 and said.document.get("objects") is None and LAST in said.headers),
    )
    yield "Accept: application/json: 406", *status(406)(ask(peer, "GET", peer.objects, accept="application/json"))
    yield "Accept: …;version=2.0: 406", *status(406)(ask(peer, "GET", peer.objects, accept=TAXII.replace("2.1", "2.0")))
    several = f"{TAXII},application/stix+json;version=2.1"
    yield (
        "Accept as 5.3 writes it: 200",
        *status(200)(ask(peer, "GET", peer.objects.replace("objects", "manifest"), accept=several)),
    )
    json = ask(peer, "POST", peer.objects, {"objects": [indicator()]}, content_type="application/json")
    yield "Content-Type: application/json: 415", *status(415)(json)
    yield "a body that is no JSON: 400 or 422", *status(400, 422)(ask(peer, "POST", peer.objects, b'{"objects": ['))
    yield "a body that is no envelope: 400 or 422", *status(400, 422)(ask(peer, "POST", peer.objects, []))
    yield "objects that are none: 400 or 422", *status(400, 422)(ask(peer, "POST", peer.objects, {"objects": [1]}))
    large = ask(peer, "POST", peer.objects, b'{"objects": [' + b" " * peer.most_bytes + b"]}")
    yield "a body above max_content_length: 413", *status(413)(large)
    yield "without credentials: 401", *status(401)(ask(peer, "GET", peer.objects, authorization=None))
    yield "with wrong ones: 401", *status(401)(ask(peer, "GET", peer.objects, authorization="Basic eDp5"))
    yield "with a header that is none: 401", *status(401)(ask(peer, "GET", peer.objects, authorization="Basic %%%"))
    other = peer.root + "collections/5b3f1d3e-5d0d-4a52-9d3b-0d5f6a0b7c11/objects/"
    yield "a collection that is not there: 404", *status(404)(ask(peer, "GET", other))
    gone = f"{peer.objects}{ones[1]['id']}/"
    said = ask(peer, "DELETE", gone)
    yield (
        "DELETE, then GET (5.7): 200, 404",
        f"{said.status}, {ask(peer, 'GET', gone).status}",
        (said.status == 200 and ask(peer, "GET", gone).status == 404),
    )
    yield "DELETE of what is not there: 404", *status(404)(ask(peer, "DELETE", gone))
    without = {key: value for key, value in indicator().items() if key != "modified"}
    told, said = (
        added(peer, [{**without, "type": "x-odd", "id": without["id"].replace("indicator", "x-odd")}]),
        ask(peer, "GET", peer.objects),
    )
    yield (
        "an object with `created` alone: taken, and all still read",
        f"{told}, {said}",
        told == "1/0" and said.status == 200,
    )
    definition = extension()
    told, after = added(peer, [definition]), paged(peer, 100)
    there = not isinstance(after, list) or definition in after
    yield (
        "an extension-definition: taken, and all still read",
        f"{told}, {after if not isinstance(after, list) else 200}",
        (told == "1/0" and isinstance(after, list) and there),
    )


if __name__ == "__main__":
    main()
