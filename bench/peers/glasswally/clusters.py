"""Clusters of accounts by card and /24, and the signals that look at the cluster as a whole: hydra, hosting, model pivot."""

from __future__ import annotations

import numpy as np

from bench.peers.groups import joined
from bench.peers.log import HOUR, Log

# A cluster has 3 accounts at least. Its size, its cards and its networks add up; 4 accounts on one card add once more.
HYDRA = """
    WITH facts AS (
        SELECT cluster, count(DISTINCT account) AS n, count(DISTINCT payment_fingerprint) AS cards
        FROM member LEFT JOIN accounts USING (account) GROUP BY cluster HAVING n >= 3),
    traffic AS (
        SELECT cluster, count(*) AS requests, count(DISTINCT subnet) FILTER (subnet <> '') AS subnets
        FROM member JOIN events USING (account) GROUP BY cluster),
    shared AS (
        SELECT DISTINCT cluster, 0.15 AS card FROM member JOIN accounts USING (account)
        WHERE payment_fingerprint IS NOT NULL
        GROUP BY cluster, payment_fingerprint HAVING count(DISTINCT account) >= 4)
    SELECT account, effective(least(n / 25, 1) * 0.40 + least(cards * 0.07, 0.35) + least(subnets * 0.03, 0.15)
        + coalesce(card, 0), least(requests / 100, 1)) AS value
    FROM member JOIN facts USING (cluster) JOIN traffic USING (cluster) LEFT JOIN shared USING (cluster)"""

ASN_CLASSIFIER = """
    WITH last AS (
        SELECT account, arg_max(struct_pack(hoster := hoster), instant).hoster AS hoster FROM events GROUP BY account),
    cloudy AS (
        SELECT cluster, count(hoster) / count(*) AS share, count(*) AS n FROM member JOIN last USING (account)
        GROUP BY cluster HAVING n >= 3 AND share >= 0.60),
    single AS (
        SELECT cluster, max(same) AS same FROM (
            SELECT cluster, hoster, count(*) AS same FROM member JOIN last USING (account)
            WHERE hoster IS NOT NULL GROUP BY ALL)
        GROUP BY cluster),
    own AS (SELECT account, max(coalesce(tier, 0)) AS tier FROM events GROUP BY account)
    SELECT account, effective(CASE tier WHEN 1 THEN 0.20 WHEN 2 THEN 0.35 ELSE 0 END
        + CASE WHEN share IS NULL THEN 0 WHEN same / n >= 0.70 THEN 0.50 ELSE 0.40 END,
        CASE tier WHEN 1 THEN 0.60 WHEN 2 THEN 0.80 ELSE 0.70 END) AS value
    FROM member JOIN own USING (account) LEFT JOIN cloudy USING (cluster) LEFT JOIN single USING (cluster)"""

# One account that changes its model is ordinary; 5 of a cluster that change to the same one within 6 hours are not.
PIVOT = f"""
    WITH steps AS (
        SELECT account, day, instant, model, lag(model) OVER (PARTITION BY account ORDER BY instant) AS before FROM events),
    switches AS (SELECT *, row_number() OVER () AS switch FROM steps WHERE model <> before),
    slotted AS (SELECT *, instant // {6 * HOUR} AS slot FROM switches JOIN member USING (account)),
    others AS (
        SELECT account, cluster, model, slot, min(instant) AS first, max(instant) AS last FROM slotted GROUP BY ALL),
    beside AS (SELECT *, slot + unnest([-1, 0, 1]) AS slot_beside FROM others),
    together AS (
        SELECT a.switch, any_value(a.account) AS account, any_value(a.day) AS day, count(DISTINCT b.account) AS n
        FROM slotted a JOIN beside b ON a.cluster = b.cluster AND a.model = b.model AND a.slot = b.slot_beside
            AND b.first < a.instant + {6 * HOUR} AND b.last > a.instant - {6 * HOUR}
        GROUP BY a.switch)
    SELECT account, day, max(effective(CASE WHEN n >= 5 THEN 0.20 + n / 30 * 0.80 ELSE 0.20 END, 0.85)) AS value
    FROM together GROUP BY account, day"""

WHOLE = {"hydra": HYDRA, "asn_classifier": ASN_CLASSIFIER}  # one value an account
DAILY = {"pivot": PIVOT}


def find(log: Log) -> np.ndarray:
    """The cluster of each account, also as the table `member`."""
    pairs = log.columns("""
        SELECT account, hash('card', payment_fingerprint) AS value FROM accounts WHERE payment_fingerprint <> ''
        UNION ALL SELECT DISTINCT account, hash('subnet', subnet) FROM events WHERE subnet <> ''""")
    cluster = joined(len(log), pairs["account"], pairs["value"])
    log.engine.execute(
        "CREATE TEMP TABLE member AS SELECT unnest($1) AS account, unnest($2) AS cluster",
        [list(range(len(log))), cluster.tolist()],
    )
    return cluster
