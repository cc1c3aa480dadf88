"""One row per account: volume, days, rhythm, focus, novelty, and what it said of itself when it registered.

None of this accuses anybody: real campaigns keep every account within what is normal. The columns are pooled over
groups of accounts later. Four small tables are made on the way, because others read them too.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Behaviour
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.seconds import whole_seconds

HOUR = 3600.0  # seconds
PROGRAMMES = ("education", "security_research", "startup")  # pathways that cost little or nothing
FULL_USE_DAYS = 7.0  # days from sign-up to traffic: farms put accounts to use at once
BUSY = (429, 529)  # HTTP statuses of a server that asks to slow down


def documents(signals: Table, at_most: int) -> Table:
    """Texts of a share of exchanges, each distinct text of an account once: what templates are mined from.

    Which exchanges is told by what they hold and not by where they stand in the log, so that a log read in parts, or in another
    order, gives the same. The second tells repetitions of one prompt apart.
    """
    stride = signals.count() // at_most + 1
    second = whole_seconds(_.timestamp)
    sampled = signals.filter((_.prompt_hash % stride + second % stride) % stride == 0)
    prompts = sampled.group_by("account_id", "prompt_hash").agg(sketch=_.sketch.arbitrary())
    systems = (
        sampled.filter(_.system_hash.notnull())
        .group_by("account_id", "system_hash")
        .agg(sketch=_.system_sketch.arbitrary())
    )
    return ibis.union(
        prompts.select(field=ibis.literal("prompt"), account_id=_.account_id, sketch=_.sketch),
        systems.select(field=ibis.literal("system"), account_id=_.account_id, sketch=_.sketch),
    ).order_by("field", "account_id")


def account_hours(uses: Table) -> Table:
    """What each account did in each hour with each model."""
    return uses.group_by(account_id=_.account_id, hour=_.timestamp.truncate("h"), model=_.model.fill_null("")).agg(
        exchanges=_.count(), output_tokens=_.output_tokens.fill_null(0).sum()
    )


def account_prompts(uses: Table) -> Table:
    """Which distinct prompts each account sent."""
    return uses.group_by(
        account_id=_.account_id, template_id=_.template_id.fill_null(""), prompt_hash=_.prompt_hash
    ).agg(exchanges=_.count(), first_seen=_.timestamp.min())


def account_templates(uses: Table) -> Table:
    """Which templates each account used."""
    by_field = []
    for field, column in (("prompt", "template_id"), ("system", "system_template_id")):
        by_field.append(
            uses.filter(uses[column].notnull())
            .group_by(account_id=_.account_id, field=ibis.literal(field), template_id=uses[column])
            .agg(exchanges=_.count(), first_seen=_.timestamp.min(), last_seen=_.timestamp.max())
        )
    return ibis.union(*by_field)


def template_spread(account_templates: Table, registered: Table, config: Behaviour) -> Table:
    """Who uses each template; a product's customers pay for themselves, members of a pool share instruments."""
    users = account_templates.join(
        registered.select("account_id", payer="payment_fingerprint", network="signup_prefix"), "account_id", how="left"
    )
    counted = users.group_by("template_id", "field").agg(
        users=_.account_id.nunique(),
        exchanges=_.exchanges.sum(),
        payers=_.payer.nunique(),
        with_payer=_.payer.count(),
        networks=_.network.nunique(),
    )
    return counted.mutate(
        independent=(_.users >= config.product_users)
        & (_.with_payer >= config.product_payers * _.users)
        & (_.payers >= config.product_payers * _.with_payer)
    )


def accounts(
    uses: Table, account_hours: Table, account_prompts: Table, replays: Table, registered: Table, config: Behaviour
) -> Table:
    """Join what was done with what was said; an account that never spoke has zeros."""
    spoken = _exchanges(_with_mismatch(uses, config), registered)
    rhythm = _rhythm(account_hours)
    variety = account_prompts.group_by("account_id").agg(
        distinct_prompts=_.count(), template_exchanges=_.exchanges.sum(where=_.template_id != "")
    )
    everyone = ibis.union(registered.select("account_id"), spoken.select("account_id"), distinct=True)
    joined = (
        everyone.left_join(spoken, "account_id").drop("account_id_right")
        .left_join(rhythm, "account_id").drop("account_id_right")
        .left_join(variety, "account_id").drop("account_id_right")
        .left_join(replays, "account_id").drop("account_id_right")
        .left_join(registered, "account_id", rname="{name}_said").drop("account_id_said")
    )  # fmt: skip
    days_old = (_.first_seen.epoch_seconds() - _.created_at.epoch_seconds()) / (24 * HOUR)
    return joined.mutate(in_use_days=days_old).select(
        "account_id",
        organization_id=ibis.coalesce(_.organization_id_said, _.organization_id),
        exchanges=_.exchanges.fill_null(0),
        output_tokens=_.output_tokens.fill_null(0),
        first_seen=_.first_seen,
        last_seen=_.last_seen,
        days=_.days.fill_null(0),
        duty_cycle=_.active_hours / ((_.last_hour.epoch_seconds() - _.first_hour.epoch_seconds()) / HOUR + 1),
        quiet_hours=24 - _.hours_of_day,
        burstiness=ibis.ifelse(
            _.active_hours > 1, (_.hourly_spread - _.hourly_mean) / (_.hourly_spread + _.hourly_mean), ibis.null()
        ),
        day_one_share=_.day_one / _.exchanges,
        peak_day=_.peak_day.fill_null(0),
        turns=_.turns,
        one_shot=_.one_shot,
        novelty=_.distinct_prompts / _.exchanges,
        template_share=_.template_exchanges.fill_null(0) / _.exchanges,
        focus=_.focus,
        capability=_.capability,
        **{name: _[name] for name in ELICITATIONS},
        replayed=_.replays.fill_null(0) / _.exchanges,
        hosting=_.hosting,
        addresses=_.addresses.fill_null(0),
        countries=_.countries.fill_null(0),
        clients=_.clients.fill_null(0),
        client_mismatch=_.client_mismatch,
        away=_.away,
        refused=_.refused,
        tools=_.tools,
        created_at=_.created_at,
        age_days=_.in_use_days,
        status=_.status,
        banned_at=_.banned_at,
        pathway=_.pathway,
        verification=_.verification,
        email_domain=_.email_domain,
        declared_country=_.declared_country,
        payment_country=_.payment_country,
        banned=_.status.isin(["banned", "suspended"]).cast("float64"),
        payment_abroad=(_.payment_country != _.declared_country).cast("float64"),
        unverified=_.verification.isin(["none", "email"]).cast("float64"),
        programme=_.pathway.isin(PROGRAMMES).cast("float64"),
        fresh=_.in_use_days.between(0, FULL_USE_DAYS).cast("float64"),
    )


def _with_mismatch(uses: Table, config: Behaviour) -> Table:
    """Mark exchanges whose TLS fingerprint is rare for the client they name but usual for another one.

    Innocent when: a corporate proxy re-encrypts; a client was released yesterday. Hence a share, never one exchange.
    """
    pairs = (
        uses.filter(_.client.notnull() & _.tls_fingerprint.notnull())
        .group_by("client", "tls_fingerprint")
        .agg(n=_.count())
    )
    by_client = pairs.group_by("client").agg(client_n=_.n.sum())
    by_print = pairs.group_by("tls_fingerprint").agg(print_n=_.n.sum())
    judged = pairs.join(by_client, "client").join(by_print, "tls_fingerprint")
    foreign = judged.filter(
        (_.client_n >= config.min_fingerprint_uses)
        & (_.n < config.mismatch_share * _.client_n)
        & (_.n < config.mismatch_share * _.print_n)
    ).select("client", "tls_fingerprint", foreign=ibis.literal(1))
    return uses.left_join(foreign, ["client", "tls_fingerprint"]).drop("client_right", "tls_fingerprint_right")


def _exchanges(uses: Table, registered: Table) -> Table:
    declared = registered.select(declared_id=_.account_id, home=_.declared_country)
    counted = uses.left_join(declared, uses.account_id == declared.declared_id).group_by("account_id").agg(
        organization_id=_.organization_id.min(),
        exchanges=_.count(),
        output_tokens=_.output_tokens.fill_null(0).sum(),
        first_seen=_.timestamp.min(),
        last_seen=_.timestamp.max(),
        turns=_.turn.mean(),
        one_shot=(_.turn == 0).cast("float64").mean(),
        hosting=_.network.isin(["hosting", "vpn"]).cast("float64").mean(),
        addresses=_.address.nunique(),
        countries=_.country.nunique(),
        clients=_.client.nunique(),
        client_mismatch=_.foreign.fill_null(0).mean(),
        away=(_.country != _.home).cast("float64").mean(),
        refused=_.status.isin(BUSY).cast("float64").mean(),
        tools=_.has_tools.cast("float64").mean(),
        **{name: ((_.elicitation // 2**bit) % 2).mean() for bit, name in enumerate(ELICITATIONS)},
        **{f"n_{name}": (_.capability == i).sum() for i, name in enumerate(CAPABILITIES)},
    )  # fmt: skip
    most = ibis.greatest(*(counted[f"n_{name}"] for name in CAPABILITIES))
    top = ibis.cases(*((counted[f"n_{name}"] == most, i) for i, name in enumerate(CAPABILITIES)))
    return counted.mutate(focus=most / counted.exchanges, capability=top.cast("int16"))


def _rhythm(account_hours: Table) -> Table:
    hours = account_hours.group_by("account_id", "hour").agg(exchanges=_.exchanges.sum())
    days = hours.group_by("account_id", day=_.hour.truncate("D")).agg(exchanges=_.exchanges.sum())
    by_day = days.group_by("account_id").agg(days=_.count(), peak_day=_.exchanges.max())
    starts = hours.group_by("account_id").agg(first_hour=_.hour.min())
    day_one = (
        hours.join(starts, "account_id")
        .filter(lambda t: t.hour.epoch_seconds() < t.first_hour.epoch_seconds() + 24 * 3600)
        .group_by("account_id")
        .agg(day_one=_.exchanges.sum())
    )
    shape = hours.group_by("account_id").agg(
        active_hours=_.count(),
        first_hour=_.hour.min(),
        last_hour=_.hour.max(),
        hours_of_day=_.hour.hour().nunique(),
        hourly_mean=_.exchanges.mean(),
        hourly_spread=_.exchanges.std(how="pop"),
    )
    return shape.join(by_day, "account_id").join(day_one, "account_id")
