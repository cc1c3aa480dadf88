"""Writes a world: the log a provider would have, and, outside of it, what really happened."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.worlds import shipped
from stillwatch.worlds.days import Counts, gather_labels, write_day
from stillwatch.worlds.decks import Dealt, dealt
from stillwatch.worlds.frames import dealable, names_used, own_phrases
from stillwatch.worlds.grammar import compile_books, phrase_books, without_missing
from stillwatch.worlds.groups import ALL, owners
from stillwatch.worlds.plan import cast_of
from stillwatch.worlds.real import MAX_CHARACTERS, Real, real_books
from stillwatch.worlds.registers import account_labels, accounts, declared, releases
from stillwatch.worlds.rows import Writer
from stillwatch.worlds.tokens import drawn_from
from stillwatch.worlds.truth import first_day_shares, truth
from stillwatch.worlds.world import World

WORTH_PROCESSES = 1_500_000  # rows; for fewer, starting other processes takes longer than it saves

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Summary:
    """What was written."""

    world: str
    scale: float
    seed: int
    accounts: dict[str, int]  # by group
    members: dict[str, int]  # by campaign
    exchanges: int
    campaign_exchanges: dict[str, int]  # by campaign, unrelated traffic on its accounts included
    harvested: dict[str, int]  # by campaign


@dataclass(frozen=True)
class _Order:
    """All that another process needs to write some of the days."""

    out: Path
    world: World
    scale: float
    seed: int
    prompts: Path | None
    traces: Path | None
    workers: int = 1
    dealt: Dealt = field(default_factory=Dealt)  # rows of real prompts that each day begins after


def make(
    out: Path,
    world: World,
    *,
    scale: float,
    seed: int,
    prompts: Path | None = None,
    traces: Path | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Summary:
    """Write `out/log` and `out/labels`. The same arguments give the same files, byte for byte.

    `workers` are processes, which change nothing in the files; by default as many as the machine and the work call for.
    """
    order = _Order(out, world, scale, seed, prompts, traces)
    for folder in ("log", "labels"):
        shutil.rmtree(out / folder, ignore_errors=True)
    for folder in ("log/exchanges", "labels/days"):
        (out / folder).mkdir(parents=True)
    real = _real(order)
    writer = _writer(order, real)
    cast = writer.cast
    pq.write_table(
        accounts(cast, writer.grammar, writer.start_us), out / "log" / "accounts.parquet", compression="zstd"
    )
    pq.write_table(releases(world), out / "log" / "releases.parquet", compression="zstd")
    pq.write_table(declared(cast, world), out / "log" / "declared.parquet", compression="zstd")
    pq.write_table(account_labels(cast), out / "labels" / "accounts.parquet", compression="zstd")
    expected = int(
        sum((s.rate * np.clip(np.minimum(s.stop, world.days) - s.start, 0, None)).sum() for s in cast.streams)
    )
    processes = workers or ((os.cpu_count() or 1) if expected >= WORTH_PROCESSES else 1)
    order = replace(order, workers=processes, dealt=dealt(cast, world, writer.zone, writer.tokens.gaps))
    writer.dealt = order.dealt
    exchanges = 0
    counts = np.zeros((len(cast.people), 4), np.int64)
    for done, (rows, by_group) in enumerate(_all_days(order, writer), start=1):
        exchanges += rows
        counts += by_group
        if progress:
            progress(done, world.days)
    after = gather_labels(out / "labels")
    summary = _summary(order, writer, exchanges, counts)
    told = truth(
        summary.members, summary.campaign_exchanges, summary.harvested, after, first_day_shares(cast.people, counts)
    )
    document = {**asdict(summary), "about": world.about, **_notes(order, real), "truth": told}
    (out / "labels" / "world.json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return summary


def _real(order: _Order) -> Real:
    return real_books(order.prompts, order.seed, owners(order.world.campaigns)) if order.prompts else Real({}, {})


def _writer(order: _Order, real: Real) -> Writer:
    world = order.world
    books = without_missing(phrase_books(), real.books)
    cast = cast_of(world, order.scale, order.seed, frozenset({*books, *real.books}), ALL)
    wordings = shipped.read("synonyms.yaml") if cast.paraphrased else None
    return Writer(
        cast,
        compile_books(own_phrases(books, dealable(books), names_used(cast), order.seed, wordings), real.books),
        drawn_from(order.traces, order.seed),
        int(world.start.timestamp()) * 1_000_000,
        world.models,
        order.dealt,
        real.capability,
    )


def _all_days(order: _Order, writer: Writer) -> Iterator[tuple[int, Counts]]:
    days = range(order.world.days)
    if order.workers == 1:
        yield from (write_day(order.out, order.world, writer, day) for day in days)
        return
    context = get_context("spawn")  # a fork would inherit Arrow's threads
    with ProcessPoolExecutor(order.workers, context, _begin, (order,)) as pool:
        for finished in as_completed([pool.submit(_write_day_there, day) for day in days]):
            yield finished.result()


_THERE: dict[str, Any] = {}  # of another process: its order and writer


def _begin(order: _Order) -> None:
    pa.set_cpu_count(1)
    _THERE.update(order=order, writer=_writer(order, _real(order)))


def _write_day_there(day: int) -> tuple[int, Counts]:
    return write_day(_THERE["order"].out, _THERE["order"].world, _THERE["writer"], day)


def _summary(order: _Order, writer: Writer, exchanges: int, counts: Counts) -> Summary:
    people = writer.cast.people
    size: dict[str, int] = {}
    members: dict[str, int] = {}
    total: dict[str, int] = {}
    harvested: dict[str, int] = {}
    for place, one in enumerate(people):
        size[one.group] = size.get(one.group, 0) + len(one)
        if one.campaign:
            members[one.campaign] = members.get(one.campaign, 0) + len(one)
            total[one.campaign] = total.get(one.campaign, 0) + int(counts[place, 0])
            harvested[one.campaign] = harvested.get(one.campaign, 0) + int(counts[place, 1])
    return Summary(order.world.name, order.scale, order.seed, size, members, exchanges, total, harvested)


def _notes(order: _Order, real: Real) -> dict[str, Any]:
    """What a reader of figures has to know about how the texts came about."""
    return {
        "start": order.world.start.isoformat(),
        "days": order.world.days,
        "release_day": order.world.release_day,
        "evasions": order.world.evasions,
        "models": list(order.world.models),
        "texts": (
            "real prompts where the folder has any for a group, else phrases of our own; the real ones are few and "
            "repeat: ordinary ones go to random accounts and are lightly varied, a campaign's rows are its own and are "
            "dealt out once each before they come again in other words"
            if order.prompts
            else "phrases of our own, composed anew for each seed"
        ),
        "real_prompts": _real_notes(order, real) if order.prompts else None,
        "lengths_and_gaps": "published traces" if order.traces else "fitted shapes",
    }


def _real_notes(order: _Order, real: Real) -> dict[str, Any]:
    """How often real rows had to be used again, and which were cut."""
    rows = {name: len(texts) for name, texts in real.books.items()}
    return {
        "rows": rows,
        "dealt": {
            deck: {"rows": rows[deck], "sent": sent, "rounds": round(sent / rows[deck], 2)}
            for deck, sent in sorted(order.dealt.total.items())
        },
        "cut_at_characters": MAX_CHARACTERS,
        "cut_texts": real.cut,
    }
