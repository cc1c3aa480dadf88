"""Signals of one account over an hour: how fast and evenly it asks, what for, and how alike its prompts are."""

from __future__ import annotations

from bench.peers.glasswally.words import DOMAINS

TOP_DOMAIN = "greatest(" + ", ".join(f"avg(in_{name}::INTEGER)" for name in DOMAINS) + ")"

# Fewer than 5 requests say nothing of pace, fewer than 10 nothing of likeness; both numbers are Glasswally's, like the rest.
VELOCITY = """
    WITH gaps AS (
        SELECT account, hour, input_tokens, second,
            (instant - lag(instant) OVER (PARTITION BY account, hour ORDER BY instant)) / 1e6 AS gap FROM events),
    paced AS (
        SELECT account, hour, count(*) AS n, n / greatest(max(second) - min(second), 1) * 3600 AS an_hour,
            CASE WHEN count(gap) FILTER (gap > 0) >= 3 THEN
                1 - stddev_pop(gap) FILTER (gap > 0) / avg(gap) FILTER (gap > 0) ELSE 0 END AS regular,
            CASE WHEN count(input_tokens) >= 5 AND avg(input_tokens) > 0 THEN
                stddev_pop(input_tokens) / avg(input_tokens) ELSE 1 END AS uneven
        FROM gaps GROUP BY account, hour HAVING n >= 5)
    SELECT account, hour, least(n / 50, 1) AS confidence, effective(
        (CASE WHEN an_hour > 200 THEN 0.45 WHEN an_hour > 60 THEN 0.25 ELSE 0 END
        + CASE WHEN regular > 0.70 THEN 0.30 WHEN regular > 0.50 THEN 0.15 ELSE 0 END
        + CASE WHEN uneven < 0.15 THEN 0.15 ELSE 0 END) * (0.5 + 0.5 * confidence), confidence) AS value FROM paced"""

COT = f"""
    SELECT account, hour, effective(
        0.40 * max(elicits::INTEGER)
        + CASE WHEN count(*) >= 5 AND avg(elicits::INTEGER) >= 0.20 THEN 0.35 ELSE 0 END
        + CASE WHEN count(*) >= 5 AND {TOP_DOMAIN} >= 0.70 THEN 0.25 ELSE 0 END, 0.9) AS value
    FROM events GROUP BY account, hour"""

BIOMETRIC = """
    WITH sized AS (
        SELECT account, hour, count(*) AS n, stddev_pop(size) / greatest(avg(size), 1) AS uneven, max(same) / n AS prefixed
        FROM (SELECT *, count(*) OVER (PARTITION BY account, hour, prefix) AS same FROM events)
        GROUP BY account, hour HAVING n >= 10),
    shaped AS (
        SELECT account, hour, -sum(n / whole * log2(n / whole)) / log2(max(whole)) AS entropy FROM (
            SELECT account, hour, count(*) AS n, sum(count(*)) OVER (PARTITION BY account, hour) AS whole
            FROM events GROUP BY account, hour, shape) WHERE whole >= 10 GROUP BY account, hour)
    SELECT account, hour, least(n / 50, 1) AS confidence, effective(
        (CASE WHEN entropy < 0.20 THEN 0.45 WHEN entropy < 0.40 THEN 0.20 ELSE 0 END
        + CASE WHEN uneven < 0.10 THEN 0.25 WHEN uneven < 0.20 THEN 0.10 ELSE 0 END
        + CASE WHEN prefixed > 0.60 THEN 0.30 WHEN prefixed > 0.40 THEN 0.15 ELSE 0 END)
        * (0.3 + 0.7 * confidence), confidence) AS value
    FROM sized JOIN shaped USING (account, hour)"""

WATERMARK = "SELECT account, hour, effective(max(watermark), 0.80) AS value FROM events GROUP BY account, hour"

# A second in which 5 accounts ask is a burst; 3 earlier ones in 5 minutes recur, and regular gaps between them are a clock.
TIMING_CLUSTER = """
    WITH bursts AS (
        SELECT second, count(DISTINCT account) AS n FROM events GROUP BY second HAVING n >= 5),
    prior AS (
        SELECT second, n, list(second) OVER (ORDER BY second RANGE BETWEEN 300 PRECEDING AND 1 PRECEDING) AS times
        FROM bursts),
    spaced AS (
        SELECT *, list_transform(range(1, len(times)), lambda place: times[place + 1] - times[place]) AS gaps FROM prior),
    scored AS (
        SELECT second, least(n / 12, 1) AS confidence,
            CASE WHEN list_avg(gaps) > 1 THEN list_stddev_pop(gaps) / list_avg(gaps) ELSE 1 END AS uneven,
            effective(least((n - 5) / 7 * 0.50, 0.50) + CASE WHEN coalesce(len(times), 0) < 3 THEN 0
                WHEN uneven < 0.15 THEN 0.50 WHEN uneven < 0.35 THEN 0.40 ELSE 0.30 END, confidence) AS value
        FROM spaced)
    SELECT account, hour, max(value) AS value FROM events JOIN scored USING (second) GROUP BY account, hour"""

SIGNALS = {
    "velocity": VELOCITY,
    "cot": COT,
    "biometric": BIOMETRIC,
    "watermark": WATERMARK,
    "timing_cluster": TIMING_CLUSTER,
}
