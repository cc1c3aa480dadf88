"""One narrow row for each exchange: what Glasswally reads of it, with the texts looked through once."""

from __future__ import annotations

import csv
from pathlib import Path

import stillwatch
from bench.peers.glasswally import words
from bench.peers.log import DAY, HOUR, SECOND, Log

NETWORKS = (
    Path(stillwatch.__file__).parent / "data" / "networks.csv"
)  # well-known numbers; a log has no names of networks
MAJOR, HOSTER = 1, 2


def look_through(log: Log) -> None:
    """Makes the table `events` and the macro `effective`, which every signal of an account builds on."""
    log.engine.execute("CREATE TEMP TABLE hosting (asn INTEGER, name VARCHAR, tier TINYINT)")
    log.engine.executemany("INSERT INTO hosting VALUES (?, ?, ?)", _hosting())
    log.engine.execute(
        "CREATE MACRO effective(score, confidence) AS least(score, 1.0)::DOUBLE * (0.4 + 0.6 * confidence)"
    )
    # One expression finds the few texts with any phrase at all, and only those are asked for which.
    phrases = [words.ELICITS, *words.DOMAINS.values(), *words.REFUSED.values(), words.PROBES, words.MARKS]
    domains = ", ".join(
        f"CASE WHEN worded THEN {_found(one)} ELSE false END AS in_{name}" for name, one in words.DOMAINS.items()
    )
    topics = " ".join(f"WHEN {_found(one)} THEN {place}" for place, one in enumerate(words.TOPICS.values()))
    refused = " + ".join(f"{_found(one)}::INTEGER * {1 << place}" for place, one in enumerate(words.REFUSED.values()))
    log.engine.execute(f"""
        CREATE TEMP TABLE events AS SELECT
            account, instant // {SECOND} AS second, instant // {HOUR} AS hour, instant // {DAY} AS day, instant, model,
            input_tokens, max_tokens, tier, name AS hoster, tls_fingerprint AS tls, header_fingerprint AS headers,
            regexp_extract(client_ip, '^\\d+\\.\\d+\\.\\d+\\.') AS subnet,
            CASE WHEN system <> '' THEN hash(system) END AS preamble,
            CASE WHEN worded THEN {_found(words.ELICITS)} ELSE false END AS elicits, {domains},
            CASE {topics} ELSE {len(words.TOPICS)} END::TINYINT AS topic,
            CASE WHEN worded THEN {refused} ELSE 0 END AS refused,
            CASE WHEN worded THEN 0.50 * {_found(words.PROBES)}::INTEGER + 0.35 * {_found(words.MARKS)}::INTEGER
                ELSE 0 END AS watermark,
            strlen(prompt) AS size, hash(left(text, 30)) AS prefix,
            hash(strlen(prompt) // 100, split_part(ltrim(text), ' ', 1), regexp_extract(text, '{words.VERBS}')) AS shape
        FROM (SELECT *, {_found("|".join(phrases))} AS worded FROM (
            SELECT *, lower(coalesce(prompt, '')) AS text FROM exchanges WHERE instant IS NOT NULL))
        LEFT JOIN hosting USING (asn)""")


def _found(pattern: str) -> str:
    quoted = pattern.replace("'", "''")
    return f"regexp_matches(text, '{quoted}')"


def _hosting() -> list[tuple[int, str, int]]:
    with NETWORKS.open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        named = [(int(row["asn"]), row["name"].lower()) for row in rows if row["class"] == "hosting"]
    major = tuple(words.CLOUDS.split("|"))
    return [(asn, name.split()[0], MAJOR if name.startswith(major) else HOSTER) for asn, name in named]
