"""How long accounts take as STIX objects: plain dictionaries, as an export makes them, and the classes of the stix2 package.

    python -m bench.stix_speed [--accounts 24000]

CPU seconds, the best of three. stix2 is in the extra `share-tests`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from stillwatch.sharing.keys import PartnerKeys
from stillwatch.sharing.stix.made import Made
from stillwatch.sharing.stix.observed import accounts

TRIES = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=24_000)
    many = parser.parse_args().accounts
    own = [(f"account-{number:06d}", "harvester") for number in range(many)]
    keys = PartnerKeys(b"bench" * 8, "bench")
    made = Made("bench", "TLP:AMBER+STRICT", keys.names, datetime(2026, 2, 1, tzinfo=UTC))
    accounts(made, own[:2], keys.accounts)  # compiled once
    plain = accounts(made, own, keys.accounts)
    text = orjson.dumps({"type": "bundle", "id": "bundle--bench", "objects": plain})
    rows = [
        ("plain dictionaries with their ids", lambda: accounts(made, own, keys.accounts)),
        ("  and as JSON", lambda: orjson.dumps({"type": "bundle", "objects": accounts(made, own, keys.accounts)})),
        *_stix2([one["user_id"] for one in plain], made.marking_id),
    ]
    print(f"{many:,} user-accounts, {len(text) / 1e6:.1f} MB")
    for name, run in rows:
        print(f"{_cpu(run):8.3f} s  {name}")


def _stix2(tokens: list[str], marking: str) -> list[tuple[str, Callable[[], object]]]:
    try:
        import stix2
    except ImportError:
        return []

    def classes() -> list[object]:
        return [stix2.v21.UserAccount(user_id=token, object_marking_refs=[marking]) for token in tokens]

    return [
        ("classes of stix2", classes),
        ("  and in a Bundle, as JSON", lambda: stix2.v21.Bundle(objects=classes()).serialize()),
    ]


def _cpu(run: Callable[[], object]) -> float:
    """CPU seconds of the quickest of a few tries."""
    took = []
    for _ in range(TRIES):
        begun = time.process_time()
        run()
        took.append(time.process_time() - begun)
    return min(took)


if __name__ == "__main__":
    main()
