"""A run begun: log, engine, key and ledger opened, the result folder locked; and all of it closed again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.pseudonyms import Pseudonyms, load_key
from stillwatch.readers import Log
from stillwatch.run.ledger import LEDGER, Ledger, run_id
from stillwatch.run.locked import locked
from stillwatch.run.opened import opened, opened_log
from stillwatch.run.passes import Passes
from stillwatch.run.place import Place
from stillwatch.run.progress import Silent, Timings, Watcher

TEMPORARY = (  # only needed on the way
    "signals",
    "windows",
    "looks",
    "documents",
    "own_shared_values",
    "given_shared_values",
    "meetings",
    "own_pairs",
    "pairs",
    "ties",
    "follow_ups",
)


@dataclass(frozen=True)
class Run:
    """What every step of a run needs."""

    engine: Engine
    log: Log | None  # None where every table is a table of the catalog
    passes: Passes
    keys: Pseudonyms
    place: Place
    config: Config
    timings: Timings
    ledger: Ledger


@contextmanager
def begun(command: str, place: Place, config: Config, watcher: Watcher | None) -> Iterator[Run]:
    """Log, engine, key and ledger; what is only needed on the way is removed when all went well."""
    timings = Timings(watcher or Silent())
    log = opened_log(place, config, needs_exchanges=command != "link")
    with locked(place.out):
        engine, passes = opened(place, log, config)
        try:
            keys = _keys(place)
            ledger = Ledger(engine.folder / LEDGER, run_id(command, place, passes.source, keys, config))
            yield Run(engine, log, passes, keys, place, config, timings, ledger)
            for name in TEMPORARY:
                engine.drop(name)
            engine.keep(table.name.removeprefix("log_") for table in tables.ALL)
            ledger.close()
        finally:
            engine.close()


def _keys(place: Place) -> Pseudonyms:
    """The key lies beside the result folder, not in it, so that a folder handed on does not take it along."""
    out = place.out.resolve()
    return load_key(place.key or out.with_name(f"{out.name}.key"), os.environ)
