"""Every setting: frozen, with its default, its unit and the reason for the number. Read from TOML.

One section per stage; a section is a frozen dataclass, a setting is a field. `docs/settings.md` is generated from here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration


@dataclass(frozen=True)
class Reading:
    """How a log folder is read."""

    chunk_rows: int = 65_536  # rows a batch: large enough to amortise calls, small enough for 50 MB of text
    max_line_bytes: int = 16 * 1024 * 1024  # a longer JSON line is set aside, not parsed: no exchange is so large
    oldest: str = "2015-01-01"  # earlier instants are clocks in the wrong unit: no LLM API existed
    future_tolerance_hours: float = 24.0  # clocks drift and zones are mistaken by less than a day; more is an error
    max_rejects_written: int = 100_000  # lines in rejected.jsonl; all are counted, the file stays readable
    log_format: str = "auto"  # of exchanges: told from their first records, or one of docs/log-formats.md for all files
    map: tuple[str, ...] = ()  # COLUMN=PATH for each column that a log keeps elsewhere; none when a format is known


@dataclass(frozen=True)
class Text:
    """Fingerprints of prompts."""

    shingle_words: int = 4  # words a shingle: shorter ones are everyday phrases, longer ones break at every slot
    window: int = 4  # winnowing window: a shared run of window + shingle_words - 1 words shares a fingerprint for sure
    max_sketch: int = 48  # fingerprints kept a prompt, half from each end: templates stand at the ends of long prompts
    max_bytes: int = 16_384  # bytes read of a text, half from each end: the middle of a longer one is payload


@dataclass(frozen=True)
class Templates:
    """How templates are mined and recognised."""

    max_documents: int = 500_000  # exchanges sampled for mining: of 16,000 in 50 million, 160 are left; bounds memory
    min_documents: int = 12  # documents a fingerprint must be in; fewer, and its company is chance
    min_accounts: int = 2  # accounts a fingerprint must be of; a habit of one account is not shared text
    draws: int = 12  # orders of documents in which fingerprints meet: two that share half of theirs miss once in 4,000
    min_jaccard: float = 0.5  # documents shared of documents of either: more together than apart
    min_shingles: int = 2  # fingerprints of a template; one alone is an everyday phrase
    min_share: float = 0.5  # of the fingerprints its texts usually have, that a text must have: more there than missing


@dataclass(frozen=True)
class Behaviour:
    """What is measured of one account."""

    product_users: int = 20  # users from which a template can be a product's; fewer prove no independence
    product_payers: float = 0.9  # payers per user from which its users are strangers, each paying for itself
    mismatch_share: float = 0.02  # a TLS fingerprint seen in less than this share of a client's traffic is not its own
    min_fingerprint_uses: int = 50  # exchanges of a client product before its TLS fingerprints are judged


FAMILIES = (  # of ties
    "identity",
    "replay",
    "workload",
    "other",
    "network",
    "timing",
    "registration",
    "arrival",
    "product",
)


@dataclass(frozen=True)
class Links:
    """How shared values become links between accounts."""

    identity: float = 12.0  # bits of payment, device, number: what somebody had to obtain; 4,000 to 1
    replay: float = 12.0  # bits of a secret of one account in another's hands
    workload: float = 12.0  # bits of templates whose users are tied by other things too
    other: float = 12.0  # bits of kinds that only the provider knows
    network: float = 6.0  # bits of addresses: strangers share them too; 64 to 1 at most, whatever the number
    timing: float = 6.0  # bits of common starts beyond chance: schedules coincide
    registration: float = 3.0  # bits of mail patterns and sign-up moments: people resemble each other
    arrival: float = 0.0  # bits of sign-ups in one half hour: none for a pair, see `cohesion`
    product: float = 3.0  # bits of templates, clients and succession: a product's users are strangers
    neighbours: int = 6  # partners an account gets from one value: enough to stay connected if some are dropped
    min_bits: float = 6.2  # of a pair, or it is dropped: more than what strangers share gives, less than a card of six
    max_ties: int = 32  # strongest partners kept an account; more add nothing to a cluster
    min_cohesive_bits: float = 3.0  # bits below which a template ties nobody: 8 times the odds of other accounts
    min_hand_bits: float = 1.5  # the same for one hand, which asks for several templates: three times the odds
    min_batch_bits: float = 2.0  # surprise of sign-ups in one half hour by users of a template that ties: four to one
    batch_bits: float = 5.0  # bits such sign-ups may give a pair: not enough without the template
    min_agreement: float = 0.1  # cosine of what two accounts send in templates that tie, below which they are not tied
    min_use: float = 0.05  # of what its median user sends of a template, below which an account met it by chance
    min_usual: float = 0.002  # of its median user's exchanges; a turn of phrase gives 1 in 2,000, a frame 1 in 250
    min_users: int = 5  # of a template, before their ties are looked at: of fewer, `rare_template` speaks
    min_families: int = 2  # families of ties among a template's users before it ties them: one can be an egress
    family_excess: float = 0.25  # of its users, beyond chance, that a family must tie to be counted as a witness
    tied_excess: float = 0.8  # beyond chance tied by any: customers of a reseller bring a product's template to a half
    hand_excess: float = 0.35  # beyond chance with a shared identity, secret or sign-up; in calm worlds none has 0.3
    min_own_items: float = 0.5  # of a user's exchanges with a prompt that nobody sends twice: more its own than shared
    alike_area: float = 0.15  # area from one half, up to which others are as these are; 0.22 or more in resold traffic

    def family_bits(self, family: str) -> float:
        """Bits a family of ties may give a pair of accounts, over all its kinds and values."""
        return float(getattr(self, family))


@dataclass(frozen=True)
class Clusters:
    """How links become clusters."""

    resolution: float = 0.2  # below 1, so that a campaign of thousands stays whole; its parts meet in cards and proxies
    iterations: int = 5  # Leiden passes; the partition settles in two or three
    shuffles: int = 19  # of who holds what; 19 give a family-wise p-value down to 0.05


@dataclass(frozen=True)
class Campaigns:
    """How clusters are judged."""

    min_accounts: int = 5  # accounts of a cluster worth judging: fewer are households and friends
    min_tied: int = 3  # members an observation must concern
    rate_floor: float = 0.01  # added to both rates of a ratio: below one per cent a rate says nothing about an account
    count_floor: float = 1.0  # the same for counts
    cap_bits: float = 4.0  # bits one observation may give: 16 to 1, whatever the ratio, for reasons nobody thought of
    min_bits: float = 0.5  # bits below which an observation is not worth a sentence
    max_p: float = 1e-3  # chance of an observation in an ordinary group; some 20 are looked at in a cluster
    max_chance_p: float = 0.05  # family-wise chance of a cluster as heavy when who holds what is shuffled
    own_share: float = 0.9  # share of a template's users who are members, from which it is the cluster's own
    own_tying_share: float = 0.6  # the same for a template that ties its users: more than half, by a margin
    min_own_share: float = 0.05  # share of the exchanges in own templates, from which harvesting is said
    min_prompts: int = 100  # different prompts, from which repetition can be judged
    queue_overlap: float = 0.02  # share of a template's other users who sent a prompt too: up to it, a queue was dealt
    queue_bits: float = 2.0  # bits of a dealt queue: customers of a product bring their own content too
    item_overlap: float = 0.2  # from this share on it is one set of items; a class or an evaluation goes through it
    likeness_confidence: float = 0.2  # confidence from which exchanges without a template are looked at at all
    form_prior: float = 50.0  # exchanges added to both counts of a form's ratio: fewer say nothing of a form
    form_bits: float = 4.0  # bits a form may give or take: a reseller's customer may use the same parameters
    one_owner_share: float = 0.9  # share of members in one organisation, from which it answers for all
    many_faces_share: float = 0.5  # largest organisation's share of members, under which they look unrelated
    own_domain_share: float = 0.5  # of a mail domain's accounts, from which it is the members' and no mail provider's
    established_days: float = 180.0  # median days as a customer before the traffic: farms do not wait half a year
    identified_share: float = 0.8  # share of members that proved their identity
    synchrony_members: int = 300  # members sampled for the synchrony test; more change nothing
    synchrony_shuffles: int = 199  # shuffles of the synchrony test: p-values down to 0.005
    min_days: int = 5  # days of log, from which the synchrony test has days to shuffle
    min_excess: float = 1.3  # ratio of common activity to shuffled, from which it is said
    min_techniques: int = 100  # in two days, from which it is a sweep: a curious person tries a few dozen
    sweep_excess: float = 4.0  # times what was to be expected: a filter that became stricter doubles refusals
    sweep_bits: float = 3.0  # bits a sweep may give: a red team that did not declare itself does the same
    prior_bits: float = 5.0  # bits a finding must gather before it is as likely as not: one cluster in 32
    together_bits: float = 2.5  # bits of findings that meet, since they are not independent; fitted (decision 9)


@dataclass(frozen=True)
class Standing:
    """Where an account of a judged cluster stands."""

    campaign_score: float = 0.5  # a cluster's confidence from which it is reported as a campaign: more likely than not
    account_score: float = 0.5  # an account's score from which it is counted to the campaign
    watch_score: float = 0.2  # score from which an account is watched: one in five, not one in ten strangers
    prior_bits: float = 3.0  # bits against belonging: who is merely near a cluster is a bystander
    identity_bits: float = 4.0  # bits for each doubling of the members with a common payment, device or number
    network_bits: float = 1.0  # bits for each doubling of members met over others on addresses, or of common starts
    network_cap: float = 2.5  # bits that addresses alone, or starts alone, may give: never enough to belong
    harvest_bits: float = 7.0  # bits for sending the cluster's own templates: 4 of 3,600 who did were outsiders
    arrival_cap: float = 2.5  # bits that sign-ups in one half hour may give: never enough to belong
    min_use: float = 0.05  # of what the median member sends of its templates, below which an account met them by chance
    narrow_share: float = 0.35  # of the templates expected, below which use is one-sided; paraphrasers have 0.4 or more
    narrow_bits: float = 4.0  # bits that a one-sided use takes off: as much as leaves the prior and the harvest even
    alone_share: float = 0.3  # of its templates' other users tied by more, from which who is not is doubted
    alone_bits: float = 5.0  # bits that takes off, and the most that items sent once give back: one below even at first
    evaluation_repeats: float = 0.15  # of its prompts that an evaluation sends again; of those mistaken, 0.1 to 0.5
    harvester_share: float = 0.5  # harvested share of an account's exchanges, from which it is a harvester
    victim_age_days: float = 60.0  # days a customer before the harvest: stolen keys have an owner with a history
    victim_own_exchanges: int = 5  # exchanges of the owner's before the break
    shared_reasons: int = 4  # of the cluster's reasons, repeated on each account


@dataclass(frozen=True)
class Engine:
    """Limits of the embedded engine."""

    memory_gib: float = 4.0  # GiB DuckDB may hold before it spills to disk; 52 million exchanges spill little with it
    spill_gib: float = 40.0  # GiB of disk it may spill to, in OUT/tables; a month of a provider's needs less than half
    threads: int = 2  # cores used


@dataclass(frozen=True)
class Spark:
    """Limits of `--engine spark`; everything else of a cluster is set where Spark is configured."""

    max_collected_rows: int = 50_000_000  # rows of one table that the driver may hold: of links some 6 GB
    copied_rows: int = 200_000  # rows fetched at a time of a table that is only copied to OUT/tables: some 100 MB


@dataclass(frozen=True)
class Alarms:
    """Which rate of false alarms is promised, over all looks."""

    false_alarms_a_year: float = 1.0  # at most, in expectation: what one person looks into without tiring of it
    groups_a_year: float = 100.0  # honest groups that come to be judged; `replay` of a calm year tells how many


@dataclass(frozen=True)
class Watch:
    """How a log that grows is followed."""

    poll_seconds: float = 5.0  # between looks for new rows, while nothing comes: detection takes hours, not seconds
    settle_seconds: float = 60.0  # without a write, after which a file that is no Parquet counts as complete
    batch_seconds: float = 60.0  # between batches that are not full: each is a file an hour, and a line in the manifest
    batch_mib: int = 256  # MiB of log absorbed at a time: bounds memory and what a crash costs, some ten seconds
    gather_seconds: float = 60.0  # of a topic's messages into one batch: each batch costs a commit and a file or two
    max_request_mib: int = 20  # MiB of an OTLP request, before and after unpacking: what its specification says
    max_waiting_mib: int = 4096  # MiB received and not absorbed, from which senders wait: an hour of 1,000 spans/s
    min_free_mib: int = 1024  # MiB free on the log's disk, below which senders wait: a look needs room as well
    received_hours: float = 24.0  # that received files stay once absorbed: prompts must not pile up, looks quote them
    stalled_minutes: float = 30.0  # without progress, from which /healthz fails: a look at a month takes eight


@dataclass(frozen=True)
class Guard:
    """How requests are let through."""

    refresh_seconds: float = 5.0  # between looks whether policy or result changed: rules are stopped within it
    max_body_mib: int = 100  # MiB of a request's body, above which it is refused: a million tokens are 4, images more
    body_seconds: float = 60.0  # that a client may take to send it: whoever drips holds a connection and memory
    connect_seconds: float = 5.0  # that the model's server may take to accept a connection
    unsaid_tokens: int = 8_192  # of an answer, under a budget, if nobody says; engines refuse more than their context
    quiet_seconds: float = 600.0  # without a byte passed on, after which it is given up: reasoning takes minutes


@dataclass(frozen=True)
class Reasoning:
    """Who makes the summaries that rules show in place of reasoning (guard.md)."""

    summariser_url: str = ""  # of the provider's own OpenAI-compatible endpoint; without, sentences are picked
    summariser_model: str = ""  # that is asked there; a small one will do, and works for every answer summarised
    summariser_key_variable: str = ""  # of the environment, with its API key: settings are read by more people
    summariser_key_file: str = ""  # with its API key instead, for its owner alone (mode 600)
    summariser_seconds: float = 10.0  # for a summary, or sentences are picked: a client sees nothing meanwhile
    most_at_once: int = 32  # summaries being made, above which sentences are picked: what one GPU's server batches


@dataclass(frozen=True)
class Watermark:
    """Which keys answers are watermarked with (watermark.md)."""

    engine: str = ""  # that takes a key with a request: sglang; without, what rules ask for is noted only
    epoch_days: int = 7  # that a key lasts: one that leaks forges a week's marks, and a week has texts enough to test
    campaign_confidence: float = 0.9  # from which a campaign has a key of its own; below, it shares that of all


@dataclass(frozen=True)
class Canary:
    """Which campaigns have canaries (canaries.md)."""

    epoch_days: int = 91  # that a choice lasts: a quarter of harvest bears one or two, enough of each to be learned
    campaign_confidence: float = 0.9  # from which a campaign has them; below it, and in no campaign, nobody has


@dataclass(frozen=True)
class Signups:
    """How sign-ups are judged (verification.md)."""

    window_days: float = 28.0  # that sign-ups are compared over: farms work for weeks, and habits of customers drift
    min_tie_bits: float = 6.2  # of two sign-ups, from which one hand is supposed: as for links
    cell_prior: float = 3.0  # sign-ups added to both counts of a cell: fewer say nothing
    cell_bits: float = 4.0  # bits that one cell may give, for reasons nobody thought of
    cells_bits: float = 8.0  # bits that all cells may give
    min_in_cell: int = 4  # sign-ups that have both of two values, before they are looked at together
    record_prior: float = 20.0  # sign-ups that have a value, which count as the average: one ban says little of it
    least_bad: float = 0.005  # share of sign-ups that turn out bad, at least: of providers who have told nothing yet
    learning_rate: float = 0.5  # of outcomes: about one bit a first bad one; fitted (decision 24)
    learning_least: float = 0.5  # gradient that a value must gather: one outcome alone says nothing
    learned_bits: float = 10.0  # bits that outcomes may give or take
    matures_days: float = 7.0  # without a ban, after which a sign-up counts as one in good standing
    matured_counts: float = 0.3  # of an outcome that somebody looked at: operators' wait a week as well
    asks_from: float = 0.5  # likelihood from which a step is asked for: more likely than not
    most_judged_again: int = 2000  # sign-ups of a cell that are remembered, to be judged again
    rejudged_a_call: int = 4  # earlier sign-ups judged again with each new one, and as many of those that wait


@dataclass(frozen=True)
class Recheck:
    """When a programme account is asked again (verification-pathways.md)."""

    harvested_share: float = 0.2  # of its exchanges attributed to a campaign; a phrase in common gives some per cent
    round_the_clock: float = 0.7  # of hours with traffic: no person is awake for more
    round_the_clock_days: int = 7  # with traffic, before that is said: one night's work is no habit
    domain_accounts: int = 3  # of one mail domain in one campaign: two are flatmates
    domain_share: float = 0.05  # of a domain's accounts in it, from which the rest are asked; below, it is told


@dataclass(frozen=True)
class Verification:
    """What a sign-up that is in doubt is asked for, until when, and what follows (verification-ladder.md)."""

    phone_likelihood: float = 0.3  # from which mail is no answer: a mailbox costs an operator nothing
    payment_likelihood: float = 0.6  # from which a number is none: rented ones cost cents, a card costs an account
    identity_likelihood: float = 0.9  # from which only a document or an organisation is: nine in ten are an operator's
    doubt_share: float = 0.25  # of the bits against, from which a family of signs is a doubt of its own to be answered
    email_days: float = 3.0  # to answer with: a letter is read within a weekend
    phone_days: float = 3.0  # likewise
    payment_days: float = 7.0  # a card may have to be asked for at work
    identity_days: float = 14.0  # a document may be at home, and home far away
    organization_days: float = 21.0  # somebody else has to set it up
    grace_days: float = 7.0  # between being limited and being suspended: time to notice, and to write
    remind_days: float = 2.0  # before a deadline, and at least between a reminder and what follows it
    again_days: float = 30.0  # in which a step is not asked again: who failed or ignored it once will do so again
    most_tries: int = 3  # sessions of a step that may fail, before it has failed: photographs are blurred twice
    honest_likelihood: float = 0.5  # below which a sign-up looks honest: more likely a customer's than not
    most_asked_a_day: float = 0.01  # share of a day's honest-looking sign-ups asked at most: one in a hundred
    least_asked_a_day: int = 5  # of them may be asked on any day: a share of a small day is nobody
    most_asked_a_run: int = 5_000  # cases opened by one command: a large farm fits, a day's sign-ups do not
    most_acted_a_run: int = 200  # accounts reminded, limited or suspended by one command: what a person looks through
    response_days: float = 30.0  # that a limit or suspension lasts, unless somebody says it again


@dataclass(frozen=True)
class Returns:
    """When a newcomer is said to continue an account that was closed."""

    first: int = 50  # exchanges after which it is judged for the last time: most of a day of a campaign's account
    stages: tuple[int, ...] = (0, 10, 25)  # exchanges after which it is judged before; 0 is the sign-up
    prior: float = 0.001  # of newcomers who return, stated: one half then takes 1,000 to 1, as rare by chance
    neighbours: float = 0.005  # of newcomers who live, work or study with a closed one: five for each who returns
    link: float = 0.5  # likelihood from which it is said to: more likely than not
    identity: float = 12.0  # bits of payment, device, number; as in links
    network: float = 6.0  # bits of addresses and networks; as in links
    registration: float = 3.0  # bits of mail patterns; as in links
    product: float = 3.0  # bits of client builds; as in links
    templates: float = 8.0  # bits of a campaign's templates: 256 to 1, a quarter of what one half takes
    timing: float = 3.0  # bits of a begin soon after a ban: others begin every hour as well
    volume: float = 3.0  # bits of beginning at full volume: an employer's new accounts do so too
    usage: float = 9.0  # bits of templates, client and volume together: an evaluation shows all three; half takes ten
    answered_hours: float = 12.0  # from a ban, within which it is answered: replacements came within nine
    answered: float = 0.45  # share of returns that come so soon; the others take a spare, or their time
    own_at_once: float = 0.25  # share of neighbours who begin so soon: who used the closed one needs one of their own

    def family_bits(self, family: str) -> float:
        """Bits that a family of evidence may give for or against."""
        return float(getattr(self, family))


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    seed: int = 20260223  # of every shuffle and sample: the same log gives the same result
    reading: Reading = field(default_factory=Reading)
    text: Text = field(default_factory=Text)
    templates: Templates = field(default_factory=Templates)
    behaviour: Behaviour = field(default_factory=Behaviour)
    links: Links = field(default_factory=Links)
    clusters: Clusters = field(default_factory=Clusters)
    campaigns: Campaigns = field(default_factory=Campaigns)
    standing: Standing = field(default_factory=Standing)
    engine: Engine = field(default_factory=Engine)
    spark: Spark = field(default_factory=Spark)
    alarms: Alarms = field(default_factory=Alarms)
    watch: Watch = field(default_factory=Watch)
    guard: Guard = field(default_factory=Guard)
    reasoning: Reasoning = field(default_factory=Reasoning)
    watermark: Watermark = field(default_factory=Watermark)
    canary: Canary = field(default_factory=Canary)
    signups: Signups = field(default_factory=Signups)
    recheck: Recheck = field(default_factory=Recheck)
    verification: Verification = field(default_factory=Verification)
    returns: Returns = field(default_factory=Returns)


def load(path: Path | None) -> Config:
    """Settings from a TOML file over the defaults; an unknown or mistyped one is an error that names the allowed."""
    if path is None:
        return Config()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadConfiguration(f"settings not readable: {problem}", str(path), "a TOML file") from problem
    return _overlay(Config(), document, str(path), "")


def _overlay(section: Any, document: dict[str, Any], path: str, prefix: str) -> Any:
    allowed = {one.name: one for one in fields(section)}
    changes: dict[str, Any] = {}
    for name, value in document.items():
        where = f"{path}: {prefix}{name}"
        if name not in allowed:
            raise BadConfiguration("no such setting", where, ", ".join(sorted(allowed)), "see docs/settings.md")
        default = getattr(section, name)
        if is_dataclass(default):
            if not isinstance(value, dict):
                raise BadConfiguration("a section was expected", where, f"[{prefix}{name}] and settings under it")
            changes[name] = _overlay(default, value, path, f"{prefix}{name}.")
        else:
            changes[name] = _typed(value, default, where)
    return replace(section, **changes)


def _typed(value: Any, default: Any, where: str) -> Any:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if default is not None and type(value) is not type(default):
        raise BadConfiguration(
            f"{value!r} is not of the right type", where, f"{type(default).__name__}, such as {default!r}"
        )
    return value
