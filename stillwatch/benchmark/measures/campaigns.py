"""Whether accused accounts were put together as they belong: purity and completeness of the campaigns found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.benchmark.measures.accounts import Counts
from stillwatch.benchmark.measures.intervals import share

ORDINARY = "(ordinary)"  # one label for all ordinary accounts, which no campaign can be called
WHOLE = 0.95  # share of a planted campaign's found accounts in one found campaign, and purity of that one, to be whole
ENOUGH_FOUND = 0.5  # share of its accounts; a few accounts kept together are no campaign found whole


@dataclass(frozen=True)
class Match:
    """The found campaign that holds most of a planted one's found accounts."""

    found: str
    accounts: int  # of the planted campaign in it


def members(verdicts: pa.Table) -> dict[str, Counter[str]]:
    """Of each found campaign, its accused accounts by true label.

    An accused account that was put into no campaign is one by itself: it was not tied to anything.
    """
    accused = verdicts.filter(verdicts["accused"]).to_pylist()
    made: dict[str, Counter[str]] = defaultdict(Counter)
    for row in accused:
        made[row["found"] or f"alone {row['account_id']}"][row["campaign"] or ORDINARY] += 1
    return made


def groups(verdicts: pa.Table) -> bool:
    """Whether the detector puts accounts together at all."""
    return bool(pc.any(pc.is_valid(verdicts["found"])).as_py())


def label_of(counted: Counter[str]) -> str:
    """The most frequent true label of a found campaign; of equals the first by name."""
    return min(counted, key=lambda label: (-counted[label], label))


def matches(found: Mapping[str, Counter[str]]) -> dict[str, Match]:
    """The found campaign of each planted one; a planted campaign of which nothing was accused has none."""
    best: dict[str, Match] = {}
    for name in sorted(found):
        for label, accounts in found[name].items():
            if label != ORDINARY and (label not in best or accounts > best[label].accounts):
                best[label] = Match(name, accounts)
    return best


def campaign_counts(verdicts: pa.Table) -> Counts | None:
    """Sums for purity, completeness and campaigns found whole; None when the detector accuses single accounts only."""
    planted = Counter(verdicts["campaign"].drop_null().to_pylist())
    found = members(verdicts)
    if found and not groups(verdicts):
        return None
    hits = Counter({label: sum(one[label] for one in found.values()) for label in planted})
    matched = matches(found)
    whole = 0
    for label, match in matched.items():
        inside = found[match.found]
        whole += (
            match.accounts >= WHOLE * hits[label]
            and inside[label] >= WHOLE * inside.total()
            and hits[label] >= ENOUGH_FOUND * planted[label]
        )
    return {
        "planted": len(planted),
        "whole": int(whole),
        "accused": sum(one.total() for one in found.values()),
        "of_the_main_label": sum(max(one.values()) for one in found.values()),
        "found_accounts": hits.total(),
        "in_the_main_part": sum(match.accounts for match in matched.values()),
    }


def campaign_measures(counts: Counts | None) -> Counts | None:
    """Purity: accused accounts whose label is the most frequent one of their found campaign, of all accused.

    Completeness: planted accounts in the found campaign that holds most of theirs, of all planted accounts found.
    Whole: planted campaigns of which at least half was found, nearly all of it in one found campaign that holds nearly
    nothing else. Purity as in Manning et al. 2008, 16.3; completeness is the same seen from the other side.
    """
    if counts is None:
        return None
    planted = counts["planted"] > 0
    return {
        "purity": share(counts["of_the_main_label"], counts["accused"]) if planted else None,
        "completeness": share(counts["in_the_main_part"], counts["found_accounts"]),
        "whole": share(counts["whole"], counts["planted"]),
    }
