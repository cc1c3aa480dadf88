"""Settings of how logs are read, and campaigns found in them."""

from __future__ import annotations

from dataclasses import dataclass


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
    "told",
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
    told: float = 3.0  # bits of what others told of: 8 to 1; a source may be mistaken, or mean harm
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
    told_cap: float = 1.5  # bits that a partner's word may give: with the prior one in four, whoever says what
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
class Alarms:
    """Which rate of false alarms is promised, over all looks."""

    false_alarms_a_year: float = 1.0  # at most, in expectation: what one person looks into without tiring of it
    groups_a_year: float = 100.0  # honest groups that come to be judged; `replay` of a calm year tells how many
