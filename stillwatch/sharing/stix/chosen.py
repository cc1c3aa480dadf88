"""Which values of a campaign may leave: shown by enough of its customers, by hardly anybody else, and not long ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stillwatch.config import Sharing
from stillwatch.sharing.stix.held import Held
from stillwatch.sharing.stix.shown import Value
from stillwatch.sharing.stix.words import parts


@dataclass(frozen=True)
class Chosen:
    values: tuple[Value, ...]
    held: tuple[Held, ...]


def chosen(
    values: Sequence[Value], settings: Sharing, now: datetime, identifiers: Callable[[Iterable[str]], set[str]]
) -> Chosen:
    """`identifiers` says which words are identifiers of the result; a value that holds one stays."""
    named = identifiers({part for one in values if not one.kind.hashed for part in parts(one.value)})
    kept: list[Value] = []
    refused: Counter[tuple[str, str]] = Counter()
    for one in values:
        why = _why(one, settings, now, named)
        if why:
            refused[one.kind.says, why] += 1
        else:
            kept.append(one)
    return Chosen(tuple(kept), tuple(Held(what, many, why) for (what, why), many in refused.items()))


def _why(one: Value, settings: Sharing, now: datetime, named: set[str]) -> str:
    """Why a value stays; empty when it may leave."""
    if one.customers < settings.min_customers:
        return (
            f"shown by fewer than {settings.min_customers} customers of the campaign: it could tell who one of them is"
        )
    if one.kind.registered and one.bystanders:
        return "a victim or bystander of the campaign signed up with it as well: it may be theirs"
    if one.purity < settings.purity:
        return f"shown by others as well: less than {settings.purity:.0%} of those who show it are a campaign's own"
    if not one.kind.hashed and parts(one.value) & named:
        return "it holds an identifier of an account or an organisation"
    if one.last + timedelta(days=settings.lifetime_days) <= now:
        return f"last seen more than {settings.lifetime_days:g} days ago"
    return ""
