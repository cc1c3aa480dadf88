"""Bundles that are malformed or mean harm, read as a partner's: is each refused, or its good part taken, in time and memory.

    python -m bench.hostile_bundles [--bundles 10000] [--seed 1]

Every bundle but those that are wrong as a whole carries one good indicator; what comes out has to be that one or none. Tells
how many were refused as a whole and why, which objects were set aside and why, the slowest, and the memory it took.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from stillwatch.render.visible import one_line
from stillwatch.sharing.incoming.arriving import arriving
from stillwatch.sharing.incoming.look import look
from stillwatch.sharing.incoming.rows import rows
from stillwatch.sharing.incoming.sources import Source, Sources
from stillwatch.sharing.incoming.store import Document, Store
from stillwatch.sharing.stix.reading import Refused, objects

AT = "2026-11-01T00:00:00Z"
NOW = 1_795_000_000.0  # November 2026
_KINDS = (
    "indicator",
    "campaign",
    "relationship",
    "identity",
    "opinion",
    "sighting",
    "intrusion-set",
    "report",
    "x-own",
)
_SCRIPTS = (
    "<script>alert(1)</script>", "\u202egnp.exe", "\x1b]0;owned\x07\x1b[2J", "{{7*7}}${jndi:ldap://x}", "a\u200bb\u200c",
    "'; DROP TABLE received_objects; --", "../../../etc/passwd", "%s%n%x", "=cmd|' /C calc'!A0", "\ufeff" * 50,
    "\U000e0041" * 9,
)  # fmt: skip
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 10**40, 1e308, "", " ", [], {}, [[]], {"": ""}, [None], "x" * 70_000, "\x00", "NaN", [1] * 2000,
    101,
)  # fmt: skip


def uuid(random: Random) -> str:
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def good(random: Random) -> dict[str, Any]:
    """An indicator that is as it should be."""
    return {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid(random)}", "created": AT, "modified": AT,
        "name": "seen", "pattern": f"[x-stillwatch:tls = 't{random.getrandbits(60):x}']", "pattern_type": "stix",
        "valid_from": AT, "confidence": random.randint(1, 100), "labels": ["observed"],
    }  # fmt: skip


def _object(random: Random) -> dict[str, Any]:
    kind = random.choice(_KINDS)
    one = {**good(random), "type": kind, "id": f"{kind}--{uuid(random)}"}
    if kind == "relationship":
        one |= {"relationship_type": "indicates", "source_ref": one["id"], "target_ref": f"campaign--{uuid(random)}"}
    return one


def _bundle(random: Random, *bad: Any) -> bytes:
    given = [*bad, good(random)]
    random.shuffle(given)
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid(random)}", "objects": given}).encode(
        "utf-8", "surrogatepass"
    )


def _changed_property(random: Random) -> bytes:
    one = _object(random)
    names = [*one, "object_marking_refs", "created_by_ref", "revoked", "valid_until", "object_refs"]
    one[random.choice(names)] = random.choice(_ODD)
    return _bundle(random, one)


def _missing_property(random: Random) -> bytes:
    one = _object(random)
    for name in random.sample(list(one), random.randint(1, 4)):
        del one[name]
    return _bundle(random, one)


def _bytes_changed(random: Random) -> bytes:
    data = bytearray(_bundle(random, _object(random)))
    for _ in range(random.randint(1, 12)):
        data[random.randrange(len(data))] = random.randrange(256 if random.random() < 0.1 else 128)
    return bytes(data)


def _cut(random: Random) -> bytes:
    data = _bundle(random, _object(random))
    return data[: random.randrange(len(data))] + (b"" if random.random() < 0.5 else data[random.randrange(len(data)) :])


def _noise(random: Random) -> bytes:
    return random.randbytes(random.randint(0, 3000))


def _deep(random: Random) -> bytes:
    opened = random.choice([b"[", b'{"a":', b'[{"a":', b'{"objects":['])
    inner = opened * random.choice([23, 30, 200, 2_000, 100_000, 1_000_000])
    return random.choice([inner, b'{"type":"bundle","objects":[' + inner, _bundle(random)[:-2] + b"," + inner])


def _huge(random: Random) -> bytes:
    sort = random.randrange(6)
    many = random.choice([100_000, 400_000, 1_500_000])
    if sort == 0:
        return b'{"type":"bundle","objects":[' + b"{}," * many + b"{}]}"
    if sort == 1:
        return _bundle(random, {**_object(random), "x_list": [0] * many})
    if sort == 2:
        return _bundle(random, {**_object(random), "name": "n" * many})
    if sort == 3:
        return b'{"type":"bundle","objects":[{' + b",".join(b'"k%d":0' % n for n in range(many // 4)) + b"}]}"
    if sort == 4:
        return b'{"type":"bundle","n":' + b"9" * many + b',"objects":[]}'
    return b"[" + b'"\\"",' * many + b"0]"


def _numbers(random: Random) -> bytes:
    odd = ["1e999", "-1e999", "NaN", "Infinity", "-Infinity", "1" * random.randint(17, 5000), "01", "1.", "0x10", "--1"]
    data = _bundle(random, {**_object(random), "confidence": 7.5})
    return data.replace(b'"confidence": 7.5', f'"confidence": {random.choice(odd)}'.encode())


def _twice(random: Random) -> bytes:
    name = random.choice(["id", "type", "pattern", "confidence", "x"])
    return _bundle(random, {**_object(random), "y": 7.5}).replace(b'"y": 7.5', f'"{name}": 1, "{name}": 2'.encode())


def _circle(random: Random) -> bytes:
    ring = [f"threat-actor--{uuid(random)}" for _ in range(random.randint(1, 40))]
    made = []
    for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
        for kind in ("attributed-to", "derived-from"):
            made.append(
                {**good(random), "type": "relationship", "id": f"relationship--{uuid(random)}", "relationship_type": kind,
                 "source_ref": one, "target_ref": other}
            )  # fmt: skip
    report = {**good(random), "type": "report", "id": f"report--{uuid(random)}"}
    return _bundle(random, *made, {**report, "object_refs": [report["id"], *ring]})


def _script(random: Random) -> bytes:
    one = {**good(random), "name": random.choice(_SCRIPTS), "labels": [random.choice(_SCRIPTS)]}
    if random.random() < 0.5:
        one["x_" + random.choice(_SCRIPTS)] = random.choice(_SCRIPTS)
    return _bundle(random, one)


def _pattern(random: Random) -> bytes:
    piece = random.choice(
        ["(", "[", "a:b = 'x' OR ", "\\'", "'", "[*]", " ", "AND ", "a", "-", "[a:b = 'x'] FOLLOWEDBY ", "=~"]
    )
    pattern = random.choice(["", "[", "[a:b = '", "[x-stillwatch:tls = 'v'"]) + piece * random.choice(
        [3, 500, 30_000, 700_000]
    )
    return _bundle(random, {**good(random), "pattern": pattern})


def _clash(random: Random) -> bytes:
    one = _object(random)
    return _bundle(random, one, {**one, "confidence": (one["confidence"] + 1) % 101}, one)


def _dates(random: Random) -> bytes:
    when = random.choice(
        ["9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-01", "2026-11-01T00:00:00+05:00",
         "2026-11-01T24:00:00Z", "2150-01-01T00:00:00Z", "2026-11-01T00:00:00." + "9" * 40 + "Z", "now", "٢٠٢٦-11-01T00:00:00Z"]
    )  # fmt: skip
    return _bundle(
        random, {**_object(random), random.choice(["created", "modified", "valid_from", "valid_until"]): when}
    )


def _text(random: Random) -> bytes:
    text = random.choice(["\ud800", "a\x00b", "\udfff\ud800", "\uffff"])
    data = _bundle(random, {**_object(random), "name": text})
    return data.replace(b"\\ud800", random.choice([b"\\ud800", b"\xed\xa0\x80", b"\xff", b"\\ud8"]))


def _not_one(random: Random) -> bytes:
    inner = json.loads(_bundle(random))
    given = inner["objects"]
    others = ({"type": "Bundle"}, {"objects": given[0]}, {"objects": None}, {"objects": [inner]})
    wrong = [given, given[0], {"bundle": inner}, "bundle", 7, None, *({**inner, **other} for other in others)]
    return json.dumps(random.choice(wrong)).encode()


HOSTILE: dict[str, tuple[Callable[[Random], bytes], float]] = {  # and of how many one is
    "a property changed": (_changed_property, 0.2), "properties missing": (_missing_property, 0.1),
    "bytes changed": (_bytes_changed, 0.15), "cut": (_cut, 0.07), "noise": (_noise, 0.03), "deep": (_deep, 0.05),
    "huge": (_huge, 0.01), "numbers": (_numbers, 0.06), "keys twice": (_twice, 0.04), "circles": (_circle, 0.04),
    "script in names": (_script, 0.05), "patterns": (_pattern, 0.05), "one id, two contents": (_clash, 0.04),
    "dates": (_dates, 0.05), "no text": (_text, 0.03), "no bundle": (_not_one, 0.03),
}  # fmt: skip


def hostile(seed: int, many: int) -> Iterator[tuple[str, bytes]]:
    """So many bundles: what sort each is of, and its bytes. The same for the same seed."""
    random = Random(seed)
    names = list(HOSTILE)
    weights = [HOSTILE[name][1] for name in names]
    for number in range(many):
        name = names[number] if number < len(names) else random.choices(names, weights)[0]
        yield name, HOSTILE[name][0](random)


class Taken:
    """Reads bundles into a store, as `share import --yes` does, and counts."""

    def __init__(self, folder: Path) -> None:
        self.source = Source("hostile", "Hostile", 0.9, frozenset({"tls"}), most_a_day=10**9)
        self.sources = Sources({"hostile": self.source}, frozenset())
        self.store = Store(folder / "received.db")
        self.refused: Counter[str] = Counter()
        self.set_aside: Counter[str] = Counter()
        self.taken = 0

    def one(self, data: bytes) -> int:
        """How many objects of a bundle were taken."""
        try:
            read = objects(data)
        except Refused as problem:
            self.refused[problem.what] += 1
            return 0
        found = arriving(read, self.source, self.sources, self.store, NOW)
        if found.take:
            self.store.take(Document("hostile", "", "hostile", NOW, "bench"), found.take)
        self.set_aside.update(found.refused)
        self.taken += len(found.take)
        return len(found.take)

    def believed(self) -> int:
        """Rows that all of it makes, every name in them shown as the commands show it."""
        made = list(rows(look(self.store, self.sources, NOW + 1.0).values, {}))
        for row in made:
            assert one_line(row["actor"] or "").isprintable()
        return len(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    slowest: dict[str, float] = {}
    sorts: Counter[str] = Counter()
    largest = 0
    with TemporaryDirectory() as folder:
        taken = Taken(Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for sort, data in hostile(asked.seed, asked.bundles):
            begun = time.process_time()
            taken.one(data)
            slowest[sort] = max(slowest.get(sort, 0.0), time.process_time() - begun)
            sorts[sort] += 1
            largest = max(largest, len(data))
        made = taken.believed()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{asked.bundles:,} bundles, the largest of {largest:,} bytes: none crashed")
    print(f"{taken.refused.total():,} refused as a whole, {taken.taken:,} objects taken, {made:,} rows of indicators")
    print(f"{taken.set_aside.total():,} objects set aside; memory grew by {grown:,.0f} MB at most")
    for name, counted in (("refused", taken.refused), ("set aside", taken.set_aside)):
        for why, many in counted.most_common():
            print(f"| {name} | {why} | {many:,} |")
    for sort, seconds in sorted(slowest.items(), key=lambda one: -one[1]):
        print(f"| {sort} | {sorts[sort]:,} | {seconds:.2f} s |")


if __name__ == "__main__":
    main()
