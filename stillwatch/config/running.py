"""Settings of where stages run, and of what stands beside the traffic: watch, the guard, and what it does to answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """Limits of the embedded engine."""

    memory_gib: float = 4.0  # GiB DuckDB may hold before it spills to disk; 52 million exchanges spill little with it
    spill_gib: float = 40.0  # GiB of disk it may spill to, in OUT/tables; a month of a provider's needs less than half
    threads: int = 2  # cores used


@dataclass(frozen=True)
class Spark:
    """Limits of `--engine spark`; everything else of a cluster is set where Spark is configured."""

    max_collected_rows: int = 50_000_000  # rows of one table that the driver may hold: of links some 6 GB
    copied_rows: int = 200_000  # rows fetched at a time of a table that is only copied to OUT/tables: some 100 MB


@dataclass(frozen=True)
class Watch:
    """How a log that grows is followed."""

    poll_seconds: float = 5.0  # between looks for new rows, while nothing comes: detection takes hours, not seconds
    settle_seconds: float = 60.0  # without a write, after which a file that is no Parquet counts as complete
    batch_seconds: float = 60.0  # between batches that are not full: each is a file an hour, and a line in the manifest
    batch_mib: int = 256  # MiB of log absorbed at a time: bounds memory and what a crash costs, some ten seconds
    gather_seconds: float = 60.0  # of a topic's messages into one batch: each batch costs a commit and a file or two
    max_request_mib: int = 20  # MiB of an OTLP request, before and after unpacking: what its specification says
    max_waiting_mib: int = 4096  # MiB received and not absorbed, from which senders wait: an hour of 1,000 spans/s
    min_free_mib: int = 1024  # MiB free on the log's disk, below which senders wait: a look needs room as well
    received_hours: float = 24.0  # that received files stay once absorbed: prompts must not pile up, looks quote them
    stalled_minutes: float = 30.0  # without progress, from which /healthz fails: a look at a month takes eight


@dataclass(frozen=True)
class Guard:
    """How requests are let through."""

    refresh_seconds: float = 5.0  # between looks whether policy or result changed: rules are stopped within it
    max_body_mib: int = 100  # MiB of a request's body, above which it is refused: a million tokens are 4, images more
    body_seconds: float = 60.0  # that a client may take to send it: whoever drips holds a connection and memory
    connect_seconds: float = 5.0  # that the model's server may take to accept a connection
    unsaid_tokens: int = 8_192  # of an answer, under a budget, if nobody says; engines refuse more than their context
    quiet_seconds: float = 600.0  # without a byte passed on, after which it is given up: reasoning takes minutes


@dataclass(frozen=True)
class Reasoning:
    """Who makes the summaries that rules show in place of reasoning (guard.md)."""

    summariser_url: str = ""  # of the provider's own OpenAI-compatible endpoint; without, sentences are picked
    summariser_model: str = ""  # that is asked there; a small one will do, and works for every answer summarised
    summariser_key_variable: str = ""  # of the environment, with its API key: settings are read by more people
    summariser_key_file: str = ""  # with its API key instead, for its owner alone (mode 600)
    summariser_seconds: float = 10.0  # for a summary, or sentences are picked: a client sees nothing meanwhile
    most_at_once: int = 32  # summaries being made, above which sentences are picked: what one GPU's server batches


@dataclass(frozen=True)
class Watermark:
    """Which keys answers are watermarked with (watermark.md)."""

    engine: str = ""  # that takes a key with a request: sglang; without, what rules ask for is noted only
    epoch_days: int = 7  # that a key lasts: one that leaks forges a week's marks, and a week has texts enough to test
    campaign_confidence: float = 0.9  # from which a campaign has a key of its own; below, it shares that of all


@dataclass(frozen=True)
class Canary:
    """Which campaigns have canaries (canaries.md)."""

    epoch_days: int = 91  # that a choice lasts: a quarter of harvest bears one or two, enough of each to be learned
    campaign_confidence: float = 0.9  # from which a campaign has them; below it, and in no campaign, nobody has
