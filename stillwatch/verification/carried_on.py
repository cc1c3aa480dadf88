"""Whether a sign-up carries on a closed account, for whoever judges it as it comes: by what it registered with.

What it sends later tells more (`stillwatch verify returning`); at sign-up a card or device of a closed account rarely does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from stillwatch.config import Config
from stillwatch.errors import NothingToRead
from stillwatch.evidence import Reason
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_sides
from stillwatch.registered import clean_accounts
from stillwatch.verification.returning import Newcomer, judge
from stillwatch.verification.returning.known import known
from stillwatch.verification.signup import Signup

CarriesOn = Callable[[Signup], tuple[float, Sequence[Reason]]]  # bits, and what they come from


def carried_on(side: Path, result: Path, keys: Pseudonyms, config: Config, now: datetime) -> CarriesOn:
    """By the accounts of a log folder and a result of scan or replay, under the key of that result.

    Of sign-ups before what the result has read nothing is said: it would be hindsight.
    """
    accounts = open_sides(side, config.reading, now).table("accounts")[0]
    if accounts is None:
        raise NothingToRead("no account table, so nothing is known to be closed", str(side), "accounts.parquet")
    have, settings = known(clean_accounts(accounts, keys), result), config.returns

    def of(one: Signup) -> tuple[float, Sequence[Reason]]:
        if one.at < have.look:
            return 0.0, ()
        found = judge(Newcomer(one, one.at), have.closed, have.population, settings)
        return (found.bits, found.reasons) if found.bits > 0.0 else (0.0, ())

    return of
