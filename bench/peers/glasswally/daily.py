"""Signals of one account over a day: its system prompt, its rhythm, its token limits, what it asks about."""

from __future__ import annotations

from bench.peers.glasswally.words import CHAIN, ROLES, TOPICS

TOPICS_IN_ALL = len(TOPICS) + 1

FINGERPRINT = """
    WITH clients AS (
        SELECT account, day, count(*) AS n, count(DISTINCT tls) AS several, max(tls_accounts) AS tls_shared,
            max(header_accounts) AS headers_shared
        FROM events
        LEFT JOIN (SELECT tls, count(DISTINCT account) AS tls_accounts FROM events GROUP BY tls) USING (tls)
        LEFT JOIN (SELECT headers, count(DISTINCT account) AS header_accounts FROM events GROUP BY headers)
            USING (headers)
        GROUP BY account, day)
    SELECT account, day, least(n / 20, 1) AS confidence, effective(
        (CASE WHEN several >= 3 THEN 0.20 ELSE 0 END + CASE WHEN tls_shared >= 10 THEN 0.15 ELSE 0 END
        + CASE WHEN headers_shared >= 10 THEN 0.20 ELSE 0 END) * (0.4 + 0.6 * confidence), confidence) AS value
    FROM clients"""

ROLE_PREAMBLE = f"""
    WITH texts AS (
        SELECT preamble, any_value(least(0.25, 0.10 * len(regexp_extract_all(lower(system), '{ROLES}')))) AS role,
            any_value(CASE WHEN regexp_matches(lower(system), '{CHAIN}') THEN 0.15 ELSE 0 END) AS chain
        FROM (SELECT hash(system) AS preamble, system FROM exchanges WHERE system <> '' GROUP BY ALL) GROUP BY preamble),
    known AS (
        SELECT preamble, role, chain, CASE WHEN accounts >= 10 THEN 0.50 WHEN accounts >= 5 THEN 0.35
            WHEN accounts >= 3 THEN 0.18 ELSE 0 END AS collides
        FROM texts JOIN (SELECT preamble, count(DISTINCT account) AS accounts FROM events GROUP BY preamble)
        USING (preamble)),
    used AS (
        SELECT account, day, preamble, count(*) AS n, sum(count(*)) OVER (PARTITION BY account, day) AS whole
        FROM events WHERE preamble IS NOT NULL GROUP BY account, day, preamble),
    scored AS (
        SELECT *, CASE WHEN whole < 5 THEN 0 WHEN n / whole >= 0.80 THEN 0.35 WHEN n / whole >= 0.60 THEN 0.20
            ELSE 0 END AS reused FROM used JOIN known USING (preamble))
    SELECT account, day, max(effective(role + reused + collides + chain,
        CASE WHEN collides > 0 THEN 0.90 WHEN reused > 0 THEN 0.75 ELSE 0.55 END)) AS value
    FROM scored WHERE role + reused + collides + chain >= 0.15 GROUP BY account, day"""

# Two minutes of silence end a session; 4 sessions and 8 requests are the least that has a rhythm.
SESSION_GAP = """
    WITH gaps AS (
        SELECT *, second - lag(second) OVER (PARTITION BY account, day ORDER BY instant) AS gap FROM events),
    numbered AS (
        SELECT *, sum(coalesce(gap >= 120, false)::INTEGER) OVER (PARTITION BY account, day ORDER BY instant) AS session
        FROM gaps),
    sessions AS (
        SELECT account, day, count(*) AS n, max(gap) FILTER (gap >= 120) AS pause FROM numbered
        GROUP BY account, day, session),
    rhythm AS (
        SELECT account, day, count(*) AS sessions, stddev_pop(pause) / avg(pause) AS gap_cv,
            stddev_pop(n) / avg(n) AS size_cv
        FROM sessions GROUP BY account, day HAVING count(*) >= 4 AND sum(n) >= 8),
    scored AS (
        SELECT account, day, CASE WHEN gap_cv < 0.05 THEN 0.55 WHEN gap_cv < 0.08 THEN 0.40 WHEN gap_cv < 0.15 THEN 0.20
            ELSE 0 END + CASE WHEN size_cv < 0.10 AND gap_cv < 0.15 THEN 0.25 ELSE 0 END
            + CASE WHEN sessions > 20 THEN 0.10 ELSE 0 END AS score,
            CASE WHEN gap_cv < 0.05 THEN 0.88 WHEN gap_cv < 0.08 THEN 0.75 ELSE 0.55 END AS confidence FROM rhythm)
    SELECT account, day, effective(score, confidence) AS value FROM scored WHERE score >= 0.15"""

# A limit within a tenth of a usual maximum is greedy; four values or more in constant ratio or distance are a sweep.
TOKEN_BUDGET = """
    WITH maxima AS (SELECT unnest([1024, 2048, 4096, 8192, 16384, 32768, 65536, 128000, 200000]) AS most),
    limits AS (SELECT DISTINCT max_tokens FROM events WHERE max_tokens > 0),
    greedy AS (
        SELECT max_tokens, max_tokens >= 0.9 * arg_min(most, abs(most - max_tokens)) AS greedy FROM limits, maxima
        GROUP BY max_tokens),
    asked AS (
        SELECT account, day, avg(greedy::INTEGER) AS greedy, quantile_disc(max_tokens, 0.5) AS median
        FROM events JOIN greedy USING (max_tokens) GROUP BY account, day HAVING count(*) >= 6),
    steps AS (
        SELECT account, day, max_tokens - lag(max_tokens) OVER w AS step, max_tokens / lag(max_tokens) OVER w AS ratio
        FROM (SELECT DISTINCT account, day, max_tokens FROM events WHERE max_tokens > 0)
        WINDOW w AS (PARTITION BY account, day ORDER BY max_tokens)),
    swept AS (
        SELECT account, day, CASE WHEN avg(ratio) >= 1.5 AND stddev_pop(ratio) / avg(ratio) < 0.25 THEN 0.45
            WHEN stddev_pop(step) / avg(step) < 0.20 THEN 0.35 ELSE 0 END AS sweep
        FROM steps WHERE step IS NOT NULL GROUP BY account, day HAVING count(*) >= 3),
    scored AS (
        SELECT account, day, CASE WHEN greedy >= 0.70 THEN 0.30 ELSE 0 END AS maximal, coalesce(sweep, 0) AS sweep,
            CASE WHEN median > 2000 THEN 0.10 ELSE 0 END AS high FROM asked LEFT JOIN swept USING (account, day))
    SELECT account, day, effective(maximal + sweep + high,
        CASE WHEN (maximal > 0)::INTEGER + (sweep > 0)::INTEGER + (high > 0)::INTEGER >= 2 THEN 0.82 ELSE 0.60 END) AS value
    FROM scored WHERE maximal + sweep + high >= 0.20"""

REFUSAL_PROBE = """
    WITH asked AS (
        SELECT account, day, avg((refused > 0)::INTEGER) AS density, bit_count(bit_or(refused)) AS categories
        FROM events GROUP BY account, day HAVING count(*) >= 5 AND density >= 0.25)
    SELECT account, day, effective(
        CASE WHEN density >= 0.60 THEN 0.45 WHEN density >= 0.40 THEN 0.30 ELSE 0.15 END
        + CASE WHEN categories >= 4 THEN 0.40 WHEN categories >= 2 THEN 0.20 ELSE 0 END,
        CASE WHEN categories >= 4 AND density >= 0.40 THEN 0.75 WHEN categories >= 2 THEN 0.55 ELSE 0.40 END) AS value
    FROM asked WHERE density >= 0.40 OR categories >= 2"""

SEQUENCE_MODEL = f"""
    WITH steps AS (
        SELECT account, day, topic, lead(topic) OVER (PARTITION BY account, day ORDER BY instant) AS next FROM events),
    spread AS (
        SELECT account, day, -sum(n / whole * log2(n / whole)) / log2({TOPICS_IN_ALL}) AS breadth, count(*) AS topics FROM (
            SELECT account, day, count(*) AS n, sum(count(*)) OVER (PARTITION BY account, day) AS whole
            FROM steps GROUP BY account, day, topic) WHERE whole >= 15 GROUP BY account, day),
    moves AS (
        SELECT account, day, topic, -sum(n / whole * log2(n / whole)) / log2({TOPICS_IN_ALL}) AS turns FROM (
            SELECT account, day, topic, count(*) AS n, sum(count(*)) OVER (PARTITION BY account, day, topic) AS whole
            FROM steps WHERE next IS NOT NULL GROUP BY account, day, topic, next)
        WHERE whole >= 2 GROUP BY account, day, topic),
    walked AS (
        SELECT account, day, breadth, topics, coalesce(avg(turns), 0.5) AS turns
        FROM spread LEFT JOIN moves USING (account, day) GROUP BY ALL),
    scored AS (
        SELECT *, CASE WHEN breadth >= 0.80 THEN 0.40 WHEN breadth >= 0.65 THEN 0.22 ELSE 0 END
            + CASE WHEN turns <= 0.25 THEN 0.40 WHEN turns <= 0.40 THEN 0.20 ELSE 0 END
            + CASE WHEN topics >= 10 THEN 0.20 ELSE 0 END AS score FROM walked)
    SELECT account, day, effective(score, CASE WHEN breadth >= 0.80 AND turns <= 0.25 THEN 0.80 WHEN score >= 0.40 THEN 0.65
        ELSE 0.50 END) AS value FROM scored WHERE score >= 0.25"""

SIGNALS = {
    "fingerprint": FINGERPRINT, "role_preamble": ROLE_PREAMBLE, "session_gap": SESSION_GAP, "token_budget": TOKEN_BUDGET,
    "refusal_probe": REFUSAL_PROBE, "sequence_model": SEQUENCE_MODEL,
}  # fmt: skip
