"""Numbers to log rows: the columns of the contract for one chunk of requests, without a Python loop over rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.evidence import CAPABILITIES
from stillwatch.tables import INSTANT, LOG_EXCHANGES
from stillwatch.worlds import networks
from stillwatch.worlds.arrivals import Requests
from stillwatch.worlds.clients import clients
from stillwatch.worlds.decks import Dealt, rounds
from stillwatch.worlds.dice import U64, mix, seed_of, unit
from stillwatch.worlds.frames import own_name
from stillwatch.worlds.grammar import Grammar
from stillwatch.worlds.names import ids
from stillwatch.worlds.people import ADDRESS_MIXES, CHANNELS, I32, NO_POOL, RESIDENTIAL, People
from stillwatch.worlds.prose import seeds_for, texts
from stillwatch.worlds.streams import Cast, Kind, Stream
from stillwatch.worlds.tokens import Tokens

BYTES_A_TOKEN = 3.9  # of English and code in common tokenizers
LIMITED_SHARE = 0.009  # of requests, answered 429, and
OVERLOADED_SHARE = 0.003  # 529
ANSWERED, OVERLOADED, LIMITED, REFUSED = range(4)  # what becomes of a request
STATUS = np.array([200, 529, 429, 200], np.int16)  # of each; a refusal is an answer of its own, told by why it ended
ENDS = ("stop", "length", "tool_use", "error")
MOST_REFUSED = 0.5  # share of anybody's requests: whoever is refused more goes elsewhere
REFUSAL_TOKENS = 40  # tokens of a refusal: two sentences
LINES_LENT_TWICE = 0.25  # share of rented home lines that a second account of the network gets as well
STORED_TRACES = 4_000  # reasoning tokens that a campaign keeps to redeem again
DAY_US = 86_400_000_000

# Columns that repeat few texts are held as pointers into a list of these.
_POINTED = [
    "channel",
    "model",
    "system",
    "tools",
    "country",
    "user_agent",
    "tls_fingerprint",
    "header_fingerprint",
    "finish_reason",
]
IN_MEMORY = pa.schema(
    [
        pa.field(
            one.name, pa.dictionary(pa.int32(), pa.string()) if one.name in _POINTED else one.type, not one.required
        )
        for one in LOG_EXCHANGES.columns
    ]
)


@dataclass
class Writer:
    """What every chunk needs: the plan, the phrases, and the accounts' fields as arrays over all accounts."""

    cast: Cast
    grammar: Grammar
    tokens: Tokens
    start_us: int
    models: tuple[str, str, str]  # the old one, its small sibling, the one released in the window
    dealt: Dealt = field(default_factory=Dealt)  # of decks of real rows
    asked: dict[str, list[str]] = field(default_factory=dict)  # deck of real rows: the capability that each is after

    def __post_init__(self) -> None:
        people = self.cast.people
        self.seed: U64 = self._all(people, lambda one: one.seed)
        self.org: U64 = self._all(people, lambda one: one.org)
        self.zone = self._all(people, lambda one: one.zone)
        self.channel = self._all(people, lambda one: one.channel)
        self.keys = self._all(people, lambda one: one.keys)
        self.users = self._all(people, lambda one: one.end_users)
        self.address = self._all(people, lambda one: one.address)
        self.address_mix = self._all(people, lambda one: one.address_mix)
        self.pool = self._all(people, lambda one: one.pool)
        self.country = self._all(people, lambda one: one.country)
        self.client = self._all(people, lambda one: one.client)
        self.pool_size = np.array([len(one) for one in self.cast.pools] or [1])
        self.pool_at = np.concatenate([[0], np.cumsum(self.pool_size)])[:-1]
        self.pooled = np.concatenate(self.cast.pools) if self.cast.pools else np.zeros(1, np.uint32)
        streams = self.cast.streams
        self.kind_at = np.concatenate([[0], np.cumsum([len(one.kinds) for one in streams])])
        kinds = [kind for stream in streams for kind in stream.kinds]
        self.prompt = np.array([self._symbol(kind.prompt, kind) for kind in kinds])
        self.follow = np.array([self._symbol(kind.follow or kind.prompt, kind) for kind in kinds])
        self.again = np.array([self._symbol(kind.again or kind.prompt, kind) for kind in kinds])
        self.system = np.array([self._symbol(kind.system, kind) for kind in kinds])
        self.tool = np.array([self._symbol(kind.tools, kind) for kind in kinds])
        self.deck_rows = np.array([self.grammar.choices(kind.deck) if kind.deck else 0 for kind in kinds])
        self.frame = np.array([kind.frame for kind in kinds], np.uint64)
        self.long = np.array([kind.long_context for kind in kinds])
        self.replays = np.array([kind.replays for kind in kinds])
        self.store = np.array([seed_of(self.cast.seed, "store", kind.owner) & 0xFFFFFFFF for kind in kinds], np.uint64)
        self.refused = np.array([kind.refused for kind in kinds])
        # Of mean one and with a long tail: filters err about some people's subjects all the time.
        self.prone = np.minimum(self.cast.refused * np.log(unit(self.seed, "prone") + 1e-12) ** 2 / 2, MOST_REFUSED)
        self.ends = [*ENDS, "refusal"] if self.refused.any() or self.prone.any() else list(ENDS)
        self.harvested = np.array([kind.harvested for kind in kinds])
        self.tenant = [kind.owner for kind in kinds]
        self.capability = np.array([CAPABILITIES.index(kind.capability) if kind.capability else -1 for kind in kinds])
        self.deck = np.array([kind.deck for kind in kinds])
        self.asked_codes = {
            name: np.array([CAPABILITIES.index(one) if one in CAPABILITIES else -1 for one in asked])
            for name, asked in self.asked.items()
            if name in set(self.deck)
        }
        self.own_wording = self.harvested & self.cast.paraphrased
        self.temperature = _table(streams, lambda one: one.temperatures).astype(np.float32)
        self.max_tokens = _table(streams, lambda one: one.max_tokens).astype(np.int32)

    def _symbol(self, name: str, kind: Kind) -> int:
        return self.grammar.symbol(own_name(name, kind.owner, self.grammar.names)) if name else -1

    @staticmethod
    def _all(people: list[People], field: Callable[[People], Any]) -> npt.NDArray[Any]:
        return np.concatenate([field(one) for one in people])

    def per_stream(self, rows: Requests, field: Callable[[Stream], float]) -> npt.NDArray[Any]:
        return np.array([field(one) for one in self.cast.streams])[rows.stream]

    def kind_of(self, rows: Requests) -> npt.NDArray[np.int64]:
        return np.asarray(self.kind_at[rows.stream] + rows.kind, np.int64)

    def capability_of(self, rows: Requests, kind: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """What each request is after, as a place in CAPABILITIES; -1 where that is not known."""
        found = self.capability[kind]
        for name, codes in self.asked_codes.items():
            mine = np.flatnonzero(self.deck[kind] == name)
            found[mine] = codes[rows.card[mine] % len(codes)]
        return found

    def written(self, rows: Requests) -> U64:
        """What a request's text hangs on: sent again it is the same."""
        return mix(rows.session ^ mix(rows.turn, "turn"), seed_of(self.cast.seed, "exchange") & 0xFFFFFFFF)

    def exchange_keys(self, rows: Requests) -> U64:
        key = self.written(rows)
        return np.where(rows.attempt > 0, mix(key, "again"), key)

    def outcomes(self, account: I32, key: U64, kind: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """What becomes of each request."""
        luck = unit(key, "status")
        failed = np.where(luck < OVERLOADED_SHARE, OVERLOADED, LIMITED)
        refused = unit(key, "refusal") < np.maximum(self.refused[kind], self.prone[account])
        served = np.where(refused, REFUSED, ANSWERED)
        return np.where(luck < OVERLOADED_SHARE + LIMITED_SHARE, failed, served)

    def batch(self, rows: Requests) -> pa.RecordBatch:
        """One record batch in the contract's columns."""
        key = self.exchange_keys(rows)
        seed = self.seed[rows.account]
        # A dispatcher that takes a request to another account opens a session there.
        session = mix(np.where(rows.account == rows.author, rows.session, rows.session ^ seed), "session")
        kind = self.kind_of(rows)
        prompt = self._prompts(rows, self.written(rows), kind)
        system, system_bytes = self._constant(self.system[kind], kind, rows.author)
        tools, _ = self._constant(self.tool[kind], kind, np.zeros(len(kind), np.int32))
        model = self._models(rows, key, seed)
        address = self._addresses(rows, seed)
        asn, land = networks.network_of(address)
        client = self.client[rows.account, (unit(session, "client") < 0.12).astype(int)]
        lent = self.per_stream(rows, lambda one: one.client)
        client = np.where(lent >= 0, lent, client)
        sizes = np.diff(np.frombuffer(prompt.buffers()[1], np.int32)[: len(key) + 1])
        numbers = self._numbers(rows, key, kind, sizes + system_bytes)
        known = clients()
        channel = self.channel[rows.account]
        has_key = (channel == 0) | (channel >= 3)
        api_key = mix(seed, "key") + (mix(session, "which") % self.keys[rows.account].astype(np.uint64))
        users = self.users[rows.account]
        user = mix(seed, "user") + (unit(session, "user") ** 2 * users).astype(np.uint64)
        logged = unit(session, "logged") < self.per_stream(rows, lambda one: one.sessions_logged)
        columns: dict[str, Any] = {
            "exchange_id": ids("ex_", key, "id"),
            "account_id": ids("acct_", seed, "account"),
            "organization_id": ids("org_", self.org[rows.account], "organization"),
            "channel": pa.DictionaryArray.from_arrays(channel.astype(np.int32), list(CHANNELS)),
            "end_user_id": ids("user_", np.where(users > 0, user, np.uint64(0)), "end user"),
            "api_key_id": ids("key_", np.where(has_key, api_key, np.uint64(0)), "key"),
            "session_id": ids("sess_", np.where(logged, session, np.uint64(0)), "session"),
            "timestamp": pa.array(self.start_us + (rows.time * DAY_US).astype(np.int64), INSTANT),
            "model": pa.DictionaryArray.from_arrays(model, list(self.models)),
            "system": system,
            "prompt": prompt,
            "turn": pa.array(rows.turn),
            "tools": tools,
            **numbers,
            "client_ip": networks.dotted(address),
            "country": pa.DictionaryArray.from_arrays(
                pa.array(land.astype(np.int32), mask=unit(key, "country") < 0.02), networks.countries()
            ),
            "asn": pa.array(asn, mask=unit(key, "asn") < 0.02),
            "user_agent": _named(client, known.agents, unit(session, "agent") < 0.01),
            "tls_fingerprint": _named(client, known.tls, unit(key, "tls") < 0.03),
            "header_fingerprint": _named(client, known.headers, unit(key, "headers") < 0.03),
            "reasoning_signature": self._signatures(rows, self.written(rows), kind),
        }
        empty = pa.nulls(len(key), pa.string())
        return pa.record_batch([columns.get(name, empty) for name in LOG_EXCHANGES.names], schema=IN_MEMORY)

    def _prompts(self, rows: Requests, key: U64, kind: npt.NDArray[np.int64]) -> pa.StringArray:
        dealt_before = rounds(rows.card, self.deck_rows[kind])
        first = np.where(dealt_before > 0, self.again[kind], self.prompt[kind])
        starts = np.where(rows.turn == 0, first, self.follow[kind])
        seeds = seeds_for(
            len(key),
            row=key,
            session=rows.session,
            account=self.seed[rows.author],
            item=rows.item,
            frame=self._frames(rows, kind, dealt_before),
            deck=rows.card.astype(np.uint64),
        )
        slips = unit(key, "slip") < self.per_stream(rows, lambda one: one.typos)
        return texts(self.grammar, starts, seeds, slips * (1 + (mix(key, "slips") % np.uint64(3)).astype(np.int64)))

    def _frames(
        self, rows: Requests, kind: npt.NDArray[np.int64], dealt_before: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.uint64]:
        """What was written once: for a kind of request, or for each account's own; anew for each round of a deck."""
        frame = self.frame[kind]
        frame = np.where(self.own_wording[kind], mix(frame, self.seed[rows.author]), frame)
        return np.where(dealt_before > 0, mix(frame, dealt_before.astype(np.uint64)), frame)

    def _constant(
        self, starts: npt.NDArray[np.int64], kind: npt.NDArray[np.int64], account: npt.NDArray[np.int32]
    ) -> tuple[pa.Array, npt.NDArray[np.int64]]:
        """Texts that depend on the kind of request and the account alone: written once each, then pointed at."""
        pair = np.where(starts >= 0, (kind << 32) | account, -1)
        pairs, place = np.unique(pair, return_inverse=True)
        whose = np.maximum(pairs, 0) & 0xFFFFFFFF
        sort = np.maximum(pairs, 0) >> 32
        first = np.zeros(len(pairs), np.int64)
        first[place] = starts  # negative where there is none
        written = texts(
            self.grammar,
            first,
            seeds_for(len(pairs), row=self.seed[whose], account=self.seed[whose], frame=self.frame[sort]),
        )
        sizes = np.diff(np.frombuffer(written.buffers()[1], np.int32)[: len(pairs) + 1])[place]
        distinct = written.dictionary_encode()  # Parquet's dictionaries hold a text once
        pointers = pa.array(distinct.indices.fill_null(0).to_numpy()[place], mask=starts < 0)
        return pa.DictionaryArray.from_arrays(pointers, distinct.dictionary), sizes.astype(np.int64)

    def _models(self, rows: Requests, key: U64, seed: U64) -> npt.NDArray[np.int32]:
        by_request = self.per_stream(rows, lambda one: one.move.by_request).astype(bool)
        whim = np.where(by_request, unit(key, "move"), unit(seed, "move"))
        since = np.maximum(rows.time - self.cast.released, 0.0)
        days = self.per_stream(rows, lambda one: one.move.days)
        moved = whim < self.per_stream(rows, lambda one: one.move.share) * (1.0 - np.exp(-since / days))
        small = np.where(by_request, unit(key, "small"), unit(seed, "small")) < self.per_stream(
            rows, lambda one: one.mini
        )
        return np.where(moved & (since > 0), 2, small.astype(int)).astype(np.int32)

    def _addresses(self, rows: Requests, seed: U64) -> npt.NDArray[np.uint32]:
        draw = unit(rows.session, "address")
        bounds = np.cumsum(ADDRESS_MIXES[self.address_mix[rows.account]], axis=1)
        slot = np.minimum((draw[:, None] >= bounds).sum(axis=1), 3)
        own = self.address[rows.account, slot]
        lent = self.per_stream(rows, lambda one: one.pool)
        slot = np.where(lent != NO_POOL, (draw * 4).astype(np.int64), slot)
        pool = np.where(lent != NO_POOL, lent, self.pool[rows.account])
        churn = self.per_stream(rows, lambda one: one.churn)
        epoch = ((rows.time + unit(seed, "churn") * churn) // churn).astype(np.uint64)
        draws = mix(epoch * np.uint64(4) + slot.astype(np.uint64), "exit")
        place = mix(seed ^ draws, "place")
        exits = self.pool_at[pool] + (place % self.pool_size[pool].astype(np.uint64)).astype(np.int64)
        address = np.where(pool >= 0, self.pooled[exits], own)
        homes = np.flatnonzero(pool == RESIDENTIAL)
        # Neighbours in the list of accounts are the two that a line lent twice goes to.
        twin = mix(rows.account[homes] // 2, "line") ^ draws[homes]
        line = np.where(unit(twin, "twice") < LINES_LENT_TWICE, twin, place[homes])
        address[homes] = networks.residential(line, self.country[rows.account[homes]])
        return address.astype(np.uint32)

    def _numbers(
        self, rows: Requests, key: U64, kind: npt.NDArray[np.int64], sent: npt.NDArray[np.int64]
    ) -> dict[str, pa.Array]:
        long, size = self.long[kind], len(key)
        tokens = self.tokens
        chat, agent = mix(key, "chat") % len(tokens.chat_context), mix(key, "agent") % len(tokens.agent_context)
        context = np.where(long, tokens.agent_context[agent], tokens.chat_context[chat])
        answer = np.where(long, tokens.agent_answer[agent], tokens.chat_answer[chat])
        own = sent / BYTES_A_TOKEN * (0.93 + 0.14 * unit(key, "tokenizer"))
        earlier = (rows.turn > 0) * context  # later turns carry the conversation so far
        limit = self.max_tokens[rows.stream, (mix(rows.session, "limit") % self.max_tokens.shape[1]).astype(int)]
        output = np.minimum(np.maximum(answer, 1.0), limit).astype(np.int32)
        outcome = self.outcomes(rows.account, key, kind)
        status, refused = STATUS[outcome], outcome == REFUSED
        failed = status != 200
        output[failed] = 0
        output[refused] = np.minimum(output[refused], REFUSAL_TOKENS)
        calls = (self.tool[kind] >= 0) & (unit(key, "status") < 0.6)
        finish = np.where(failed, 3, np.where(refused, 4, np.where(output == limit, 1, np.where(calls, 2, 0))))
        speed = 8.0 + 14.0 * unit(key, "speed")  # milliseconds a token
        warmth = (mix(rows.session, "warmth") % self.temperature.shape[1]).astype(int)
        silent = unit(rows.session, "default") < 0.35  # left at its default
        streamed = unit(rows.session, "stream") < self.per_stream(rows, lambda one: one.streamed)
        return {
            "input_tokens": pa.array(np.minimum(own + earlier + 4, 190_000).astype(np.int32)),
            "output_tokens": pa.array(output),
            "max_tokens": pa.array(limit, mask=unit(rows.session, "no limit") < 0.1),
            "temperature": pa.array(self.temperature[rows.stream, warmth], mask=silent),
            "stream": pa.array(streamed),
            "logprobs": pa.array(np.zeros(size, bool)),
            "latency_ms": pa.array((250 + 900 * unit(key, "wait") ** 2 + output * speed).astype(np.float32)),
            "status": pa.array(status),
            "finish_reason": pa.DictionaryArray.from_arrays(pa.array(finish.astype(np.int32), mask=failed), self.ends),
        }

    def _signatures(self, rows: Requests, key: U64, kind: npt.NDArray[np.int64]) -> pa.StringArray:
        """Agents redeem the token of their own last step; a replay redeems one kept from some other session."""
        own = self.long[kind] & (rows.turn > 0) & (unit(rows.session, "preserves") < 0.2)
        kept = mix(mix(key, "kept") % np.uint64(STORED_TRACES), self.store[kind])
        value = np.where(self.replays[kind], kept, np.where(own, mix(rows.session, rows.turn.astype(np.uint64)), 0))
        return ids("rs_", value.astype(np.uint64), "reasoning")


def _named(place: npt.NDArray[np.int16], names: tuple[str, ...], null: npt.NDArray[np.bool_]) -> pa.DictionaryArray:
    distinct = list(dict.fromkeys(names))
    position = np.array([distinct.index(name) for name in names], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(position[place], mask=null), distinct)


def _table(streams: list[Stream], field: Callable[[Stream], tuple[float, ...]]) -> npt.NDArray[np.float64]:
    """Choices of each stream, repeated to one width."""
    width = 12  # divisible by 1, 2, 3, 4 and 6 choices
    return np.array([(list(field(one)) * width)[:width] for one in streams])
