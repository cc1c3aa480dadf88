"""The rules that people write in SQL on an afternoon, with fixed thresholds and no look at the text.

Sources: `crowded_address` is the hunt published for advisory AA26-251A (Huntbase, 2026-09-17: "accounts per IP >= 20").
`volume` is the rate rule that every API gateway offers. `components` is the identity graph as a first script draws it,
without any care for values that a crowd shares. Each is read in its favour: any address of the whole window counts, and
the busiest day of an account.
"""

from __future__ import annotations

import numpy as np

from bench.peers.groups import joined, sizes
from bench.peers.log import DAY, Log
from bench.peers.verdicts import Verdicts, at_least

CROWD = 20  # accounts on one address: the number of the published hunt
BUSY = 1_000  # requests on one day, UTC: above what one person types; published campaigns average 26 a day and account
GROUP = 5  # accounts: a household or a pair of colleagues is smaller


def crowded_address(log: Log, benign: Log | None = None) -> Verdicts:
    """Accounts that used an address which at least CROWD accounts used; the campaign is the most crowded one."""
    rows = log.rows("""
        WITH used AS (SELECT DISTINCT account, client_ip FROM exchanges WHERE client_ip IS NOT NULL),
        crowd AS (SELECT client_ip, count(*) AS accounts FROM used GROUP BY client_ip)
        SELECT account, max(accounts), arg_max(client_ip, (accounts, client_ip)) FROM used JOIN crowd USING (client_ip)
        GROUP BY account""")
    crowd, address = np.zeros(len(log)), [None] * len(log)
    for account, accounts, most in rows:
        crowd[account], address[account] = accounts, f"address {most}"
    return at_least(crowd, CROWD, address)


def volume(log: Log, benign: Log | None = None) -> Verdicts:
    """Accounts with at least BUSY requests on one day. A rate says nothing of who belongs together: no campaign."""
    peak = log.per_account(f"""
        SELECT account, max(requests)
        FROM (SELECT account, count(*) AS requests FROM exchanges GROUP BY account, instant // {DAY}) GROUP BY account""")
    return at_least(peak, BUSY)


def components(log: Log, benign: Log | None = None) -> Verdicts:
    """Accounts joined by an address, a card or an exact system prompt, directly or through others; at least GROUP."""
    pairs = log.columns("""
        SELECT account, hash('address', client_ip) AS value FROM exchanges WHERE client_ip IS NOT NULL GROUP BY ALL
        UNION ALL SELECT account, hash('system', system) FROM exchanges WHERE system <> '' GROUP BY ALL
        UNION ALL SELECT account, hash('card', payment_fingerprint) FROM accounts WHERE payment_fingerprint IS NOT NULL""")
    group = joined(len(log), pairs["account"], pairs["value"])
    first = {one: account for one, account in zip(group[::-1].tolist(), log.accounts[::-1], strict=True)}
    return at_least(sizes(group), GROUP, [f"component of {first[one]}" for one in group.tolist()])


def union(log: Log, benign: Log | None = None) -> Verdicts:
    """Whoever any of the three rules flags; the campaign is the component's, or else the address's."""
    parts = [components(log), crowded_address(log), volume(log)]
    return Verdicts(
        np.maximum.reduce([one.score for one in parts]),
        np.logical_or.reduce([one.flagged for one in parts]),
        [first or second for first, second in zip(parts[0].campaign, parts[1].campaign, strict=True)],
    )
