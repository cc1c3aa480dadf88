"""Whatever else a provider knows that accounts may share: the rows of `evidence`, each kind by its own degrees.

Used at about the same time (ten minutes), a value counts a second time, as `<kind> together`.
Innocent when: the kind says; a value that a crowd shares is cut like any other.
"""

from __future__ import annotations

from ibis import Table, _

TOGETHER = " together"  # what the name of a kind gets when its timing counts as well
TOGETHER_SECONDS = 600  # co-action windows in the literature run from 10 s to hours; ten minutes suits most kinds
SAME_OPERATOR = 0.2  # unknown kind: modest
UNRELATED = 0.005  # unknown kind: modest
CROWD = 50  # accounts that share a value before it is a hub; between the 10 and 100 that served best on real data


def given_values(evidence: Table) -> Table:
    """(account_id, kind, value) of every kind in the evidence table."""
    plain = evidence.select("account_id", "kind", "value").distinct()
    timed = evidence.filter(_.timestamp.notnull())
    moment = (timed.timestamp.epoch_seconds() // TOGETHER_SECONDS).cast("string")
    together = timed.select("account_id", kind=timed.kind + TOGETHER, value=timed.value + "/" + moment).distinct()
    return plain.union(together)
