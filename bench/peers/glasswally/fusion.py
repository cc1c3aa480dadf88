"""The weighted sum of the signals in every hour of an account, and what the worst hour leads to."""

from __future__ import annotations

import numpy as np

from bench.peers.glasswally import clusters, daily, hourly
from bench.peers.glasswally.events import look_through
from bench.peers.groups import sizes
from bench.peers.log import Log
from bench.peers.verdicts import Verdicts

WEIGHTS = {  # of README.md (5f172a7) and THREAT_MODEL.md; they sum to 1 with h2_grpc and embed, which get no input
    "fingerprint": 0.14, "velocity": 0.10, "cot": 0.09, "hydra": 0.08, "timing_cluster": 0.07, "asn_classifier": 0.07,
    "role_preamble": 0.06, "pivot": 0.05, "biometric": 0.05, "watermark": 0.04, "session_gap": 0.04,
    "token_budget": 0.03, "refusal_probe": 0.02, "sequence_model": 0.02,
}  # fmt: skip
NOT_FED = {"embed": 0.08, "h2_grpc": 0.06}
SUSPEND = 0.72  # score that leads to SUSPEND or CLUSTER_TAKEDOWN
LARGE, RAISE = 5, 0.08  # accounts in a cluster, and what being in it adds to the sum


def glasswally(log: Log, benign: Log | None = None) -> Verdicts:
    look_through(log)
    cluster = clusters.find(log)
    parts = [
        *_weighted(clusters.WHOLE, "account, NULL::BIGINT AS hour, NULL::BIGINT AS day"),
        *_weighted(daily.SIGNALS | clusters.DAILY, "account, NULL::BIGINT AS hour, day"),
        *_weighted(hourly.SIGNALS, "account, hour, NULL::BIGINT AS day"),
    ]
    log.engine.execute(f"CREATE TEMP TABLE weighted AS {' UNION ALL '.join(parts)}")
    score = log.per_account("""
        WITH hours AS (SELECT DISTINCT account, hour, day FROM events),
        of_hour AS (SELECT account, hour, sum(value) AS value FROM weighted WHERE hour IS NOT NULL GROUP BY ALL),
        of_day AS (SELECT account, day, sum(value) AS value FROM weighted WHERE day IS NOT NULL GROUP BY ALL),
        of_all AS (
            SELECT account, sum(value) AS value FROM weighted WHERE hour IS NULL AND day IS NULL GROUP BY ALL)
        SELECT account, max(coalesce(h.value, 0) + coalesce(d.value, 0) + coalesce(w.value, 0)) FROM hours
        LEFT JOIN of_hour h USING (account, hour) LEFT JOIN of_day d USING (account, day)
        LEFT JOIN of_all w USING (account) GROUP BY account""")
    size = sizes(cluster)
    score = np.where(score > 0, np.minimum(score + RAISE * (size >= LARGE), 1.0), 0.0)
    named = [f"cluster {one}" if many >= LARGE else None for one, many in zip(cluster, size, strict=True)]
    return Verdicts(score, score >= SUSPEND, named)


def _weighted(signals: dict[str, str], keys: str) -> list[str]:
    return [f"SELECT {keys}, {WEIGHTS[name]} * value AS value FROM ({query})" for name, query in signals.items()]
