"""A world of sign-ups as tables: what the provider has of each account, and what it really is.

What is told and what not is drawn the same way for everybody, so that a gap says nothing.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.tables import INSTANT, LOG_DECLARED, LOG_SIGNUPS
from stillwatch.worlds import networks
from stillwatch.worlds.clients import ja4
from stillwatch.worlds.dice import mix, unit
from stillwatch.worlds.names import ids
from stillwatch.worlds.people import F64
from stillwatch.worlds.prose import seeds_for, texts
from stillwatch.worlds.signups import browsers, cards, lands, phones
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import Crowd, Flags, Newcomers

DAY_US = 86_400_000_000
HOUR_US = DAY_US // 24
OLDEST = 14_600.0  # days: the first domains were registered in 1985
YEARS_OLD = (4_000.0, 7_000.0)  # days, youngest and spread: age of the mail hosts of the public
OWN_ORGANIZATION = 0.5  # share of accounts with an organisation of one, as some consoles make it
WITHHELD = 0.1  # share of mail addresses whose domain alone is handed over
PROVED = {"honest": 0.008, "operators": 0.002}  # share that showed an identity document before anybody asked
DECLARED_FOR = 300  # days


def accounts(crowd: Crowd, start_us: int) -> pa.Table:
    """Every sign-up, in the order of time."""
    issuers = cards.issuers(crowd.seed, crowd.world)
    table = pa.concat_tables([_registered(crowd, one, issuers, start_us) for one in crowd.groups])
    return _one_age_a_domain(_each_mail_once(table)).sort_by([("created_at", "ascending"), ("account_id", "ascending")])


def labels(crowd: Crowd, start_us: int) -> pa.Table:
    """What each account really is, in the order of its id, which has no order."""
    parts = []
    for one in crowd.groups:
        people = one.people
        silent = np.isnan(one.first) | (one.first >= crowd.days) | (one.first >= people.banned)
        operator = one.operator.tolist()
        parts.append(
            pa.table(
                {
                    "account_id": ids("acct_", people.seed, "account"),
                    "group": pa.array([people.group] * len(one)),
                    "operator": pa.array(operator, pa.string(), mask=one.operator == ""),
                    "fraudulent": pa.array(one.operator != ""),
                    "first_exchange": _instants(np.where(silent, np.nan, one.first), start_us),
                    "succeeds": ids("acct_", people.succeeds, "account"),
                }
            )
        )
    return pa.concat_tables(parts).sort_by("account_id")


def declared(crowd: Crowd, start_us: int) -> pa.Table:
    """Enterprises and resellers that declared themselves."""
    until = pa.array([start_us + DECLARED_FOR * DAY_US] * len(crowd.declared), INSTANT)
    keys = np.array([key for _, key, _ in crowd.declared], np.uint64)
    columns = [
        pa.array([kind for kind, _, _ in crowd.declared], pa.string()),
        ids("org_", keys, "organization"),
        pa.array([owner for _, _, owner in crowd.declared], pa.string()),
        until,
    ]
    return pa.table(columns, schema=pa.schema([pa.field(c.name, c.type) for c in LOG_DECLARED.columns]))


def _registered(crowd: Crowd, them: Newcomers, issuers: dict[str, cards.Issuers], start_us: int) -> pa.Table:
    people, told = them.people, crowd.world["told"]
    seed, size = people.seed, len(them)

    def hidden(what: str, share: float | F64 | None = None) -> Flags:
        return np.asarray(unit(seed, what) >= (told[what] if share is None else share))

    numbers = phones.numbers(people.phone, them.phone_country, them.block, them.voip)
    issuer, funding, payment_country = cards.told(
        people.payment, people.payment_country, them.virtual, them.issuer, issuers
    )
    no_card, no_phone = people.payment == 0, people.phone == 0
    asn, where = networks.network_of(people.signup_address)
    network = hidden("network")
    org = np.where((people.org == 0) & (unit(seed, "own") < OWN_ORGANIZATION), mix(seed, "org"), people.org)
    address_told = ~hidden("mail", 1 - WITHHELD)
    banned = ~np.isnan(people.banned)
    columns: dict[str, Any] = {
        "account_id": ids("acct_", seed, "account"),
        "organization_id": ids("org_", org, "organization"),
        "created_at": _instants(people.created, start_us),
        "closed_at": _instants(people.closed, start_us),
        "status": np.where(banned, "banned", "active"),
        "banned_at": _instants(people.banned, start_us),
        "pathway": people.pathway,
        "plan": people.plan,
        "declared_country": people.country,
        "email": pc.if_else(pa.array(address_told), _mail(them), pa.scalar(None, pa.string())),
        "email_domain": them.host,
        "phone": _text(numbers, no_phone),
        "payment_fingerprint": ids("pay_", people.payment, "payment"),
        "payment_country": _text(payment_country, no_card),
        "signup_ip": networks.dotted(people.signup_address),
        "signup_user_agent": _text(
            np.array([one["agent"] for one in browsers.browsers()])[them.browser], hidden("agent")
        ),
        "device_fingerprint": ids("dev_", people.device, "device"),
        "verification": _verification(them),
        "email_since": _instants(_mailbox_since(them, told), start_us),
        "email_domain_since": _instants(_domain_since(them, told["domain_since"]), start_us),
        "phone_type": _text(np.where(them.voip, "voip", "mobile"), no_phone | hidden("phone_type")),
        "payment_funding": _text(funding, no_card | (unit(people.payment, "funding told") >= told["funding"])),
        "payment_issuer": _text(issuer, no_card | (unit(people.payment, "issuer told") >= told["issuer"])),
        "signup_country": _text(np.array(networks.countries())[where], network),
        "signup_asn": pa.array(asn, mask=network),
        "signup_tls_fingerprint": _text(_tls(crowd, them), hidden("tls")),
        "signup_language": _text(them.locale, hidden("language") | (them.locale == "")),
        "signup_timezone": _text(them.timezone, hidden("timezone") | (them.timezone == "")),
    }
    assert all(len(one) == size for one in columns.values()), "BUG: a column of another length"
    arrays = [pa.array(columns[name], LOG_SIGNUPS.column(name).type) for name in LOG_SIGNUPS.names]
    return pa.table(arrays, schema=pa.schema([pa.field(c.name, c.type) for c in LOG_SIGNUPS.columns]))


def _mail(them: Newcomers) -> pa.Array:
    book, seed = lands.grammar(), them.people.seed
    names, place = np.unique(np.char.add(np.char.add(them.local, ":"), them.names), return_inverse=True)
    starts = np.array([book.symbol(str(one)) for one in names])[place]
    local = texts(book, starts, seeds_for(len(seed), row=seed, account=seed, frame=mix(seed, "mail")))
    return pc.binary_join_element_wise(local, pa.array(them.host, pa.string()), "@")


def _each_mail_once(table: pa.Table) -> pa.Table:
    """A mail address belongs to one account: whoever comes later had to put a number behind the name."""
    mail = np.array(table["email"].to_pylist(), object)
    given = np.flatnonzero(mail != np.array(None))
    for turn in range(6):
        _, first = np.unique(mail[given].astype(str), return_index=True)
        again = np.setdiff1d(np.arange(len(given)), first)
        if not len(again):
            break
        for row in given[again]:
            local, host = mail[row].split("@")
            number = int(mix([row], turn)[0]) % (100 * 10 ** min(turn, 3)) + 2
            mail[row] = f"{local}{number}@{host}"
    return table.set_column(table.column_names.index("email"), table.field("email"), pa.array(mail, pa.string()))


def _one_age_a_domain(table: pa.Table) -> pa.Table:
    """Made-up firms with the same name are one firm: its domain was registered once, before anybody had mail there."""
    hosts = table["email_domain"].combine_chunks().dictionary_encode()
    place, size = hosts.indices.to_numpy(), len(hosts.dictionary)
    since = table["email_domain_since"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    created = table["created_at"].cast(pa.int64()).to_numpy()
    earliest, born = np.full(size, np.inf), np.full(size, np.inf)
    np.fmin.at(earliest, place, created - HOUR_US)
    np.fmin.at(born, place, since)
    known, told = ~np.isnan(since), np.minimum(born, earliest)[place]
    column = pa.array(np.where(known, told, 0).astype(np.int64), INSTANT, mask=~known)
    return table.set_column(table.column_names.index("email_domain_since"), table.field("email_domain_since"), column)


def _verification(them: Newcomers) -> Texts:
    """What was shown already, the most telling of it."""
    people = them.people
    proved = unit(people.seed, "proved") < np.where(them.operator == "", PROVED["honest"], PROVED["operators"])
    paid = (people.payment != 0) & (unit(people.seed, "paid") < 0.7)
    called = (people.phone != 0) & (unit(people.seed, "called") < 0.8)
    mailed = unit(people.seed, "mailed") < 0.97
    shown = np.where(paid, "payment", np.where(called, "phone", np.where(mailed, "email", "none")))
    return np.where(proved, "identity", shown)


def _mailbox_since(them: Newcomers, told: dict[str, float]) -> F64:
    """Providers of such facts have seen old mailboxes, and few new ones."""
    share = np.where(them.mailbox_age > 30.0, told["old_mailbox"], told["new_mailbox"])
    known = unit(them.people.seed, "mailbox") < share
    return np.where(known, them.people.created - them.mailbox_age, np.nan)


def _domain_since(them: Newcomers, share: float) -> F64:
    hosts, place = np.unique(them.host, return_inverse=True)
    key = np.array([zlib.crc32(str(one).encode()) for one in hosts], np.uint64)
    old = YEARS_OLD[0] + unit(key, "since") * YEARS_OLD[1]
    age = np.where(np.isnan(them.domain_age), old[place], them.domain_age)
    return np.where((unit(key, "told") < share)[place], -np.minimum(age, OLDEST), np.nan)


def _tls(crowd: Crowd, them: Newcomers) -> Texts:
    own = browsers.stacks()[them.browser]
    seed = them.people.seed
    desk = browsers.is_part(them.browser, "desktop") & ((them.operator == "") | (them.people.group == "bought"))
    seen_into = desk & (unit(seed, "intercepted") < crowd.world["intercepted"])
    by = np.array(browsers.INSPECTIONS)[(mix(seed, "by") % np.uint64(len(browsers.INSPECTIONS))).astype(int)]
    stack = np.where(them.stack != "", them.stack, np.where(seen_into, by, own))
    names, place = np.unique(stack, return_inverse=True)
    return np.array([ja4(str(one)) for one in names])[place]


def _text(values: Texts, hidden: Flags) -> pa.Array:
    return pa.array(values.tolist(), pa.string(), mask=hidden)


def _instants(days: F64, start_us: int) -> pa.Array:
    missing = np.isnan(days)
    return pa.array(start_us + (np.where(missing, 0.0, days) * DAY_US).astype(np.int64), INSTANT, mask=missing)
