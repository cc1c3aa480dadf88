"""SynchroTrap: accounts that keep doing the same thing at about the same time form a campaign.

Source: Cao, Yang, Yu, Palow: Uncovering Large Groups of Active Malicious Accounts in Online Social Networks, CCS 2014,
written anew. An action is a user, an instant and a constraint object; two actions match when their object is the same and
they lie within the matching window. The similarity of two users is the Jaccard index of their actions, counted by
matches; pairs above a threshold are joined by single linkage, and large clusters are reported.

Adapted: the object is the client address, one of those the paper constrains actions by (a page, an address, an
application). An API client sends many requests where a person logs in once, so that what an account does from one address
in one clock hour is one action, at the time of the first. An address is skipped in an hour in which too many use it, to
bound the work. The threshold is fitted by the benchmark, so that no choice of ours speaks against the method.

Left out: daily partitions and incremental sums, by which the paper spreads the same work over a cluster of machines.
Tried and left out: the exact system prompt as a second kind of object. Alone it tells campaigns from customers of one
product no better than chance on a made world, and together with addresses it changes nothing.
"""

from __future__ import annotations

from bench.peers.groups import linked
from bench.peers.log import HOUR, Log
from bench.peers.verdicts import Verdicts

WINDOW = HOUR  # microseconds; loosely synchronised, and longer than a pool of proxies keeps an address
CROWD = 200  # accounts on one address in an hour: more is a carrier's gateway, and pairs grow with the square
SUSTAINED = 3  # matched actions of a pair: the paper speaks of a sustained period, and one match is a coincidence
SIMILAR = 0.5  # half of what the two did, where no threshold was fitted
GROUP = 5  # accounts: as for the other peers; the paper reports far larger ones, of a far larger network

PAIRS = f"""
    WITH seen AS (
        SELECT account, client_ip, instant // {HOUR} AS slot, min(instant) AS instant
        FROM exchanges WHERE client_ip <> '' AND instant IS NOT NULL GROUP BY ALL),
    actions AS (
        SELECT *, row_number() OVER () AS action FROM seen
        QUALIFY count(*) OVER (PARTITION BY client_ip, slot) <= {CROWD}),
    near AS (SELECT *, slot + unnest([-1, 0, 1]) AS slot_beside FROM actions),
    matched AS (
        SELECT a.account AS x, b.account AS y, a.action AS of_x, b.action AS of_y FROM actions a JOIN near b
        ON a.client_ip = b.client_ip AND a.slot = b.slot_beside AND a.account < b.account
        AND abs(a.instant - b.instant) <= {WINDOW}),
    shared AS (
        SELECT x, y, least(count(DISTINCT of_x), count(DISTINCT of_y)) AS common FROM matched GROUP BY x, y
        HAVING common >= {SUSTAINED}),
    total AS (SELECT account, count(*) AS actions FROM actions GROUP BY account)
    SELECT x, y, common / (a.actions + b.actions - common) AS similarity
    FROM shared JOIN total a ON a.account = x JOIN total b ON b.account = y"""


def synchrotrap(log: Log, benign: Log | None = None) -> Verdicts:
    """Score: the similarity at which an account first is in a cluster of GROUP accounts."""
    pairs = log.columns(PAIRS)
    level, number = linked(len(log), pairs["x"], pairs["y"], pairs["similarity"], GROUP)
    named = [None if one is None else f"cluster of {log.accounts[one]}" for one in number]
    return Verdicts(level, level >= SIMILAR, named)
