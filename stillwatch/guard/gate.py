"""What happens to a request on its way to the model, whoever carries it: read, decided, slowed down, budgeted, edited, counted.

A proxy (`proxy.py`) and a layer in front of an app (`asgi.py`) call it twice: `enter` before the model is asked, and `leave`
of the passage that it gave when the answer is through. Errors of ours in between let the request pass as it came.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from stillwatch.config import Guard as Limits
from stillwatch.guard import answers
from stillwatch.guard.answered import Answered, Kept
from stillwatch.guard.answers import Answer
from stillwatch.guard.budgets import LEAST_ANSWER, Budgets, Exhausted, Reserved
from stillwatch.guard.canaries import Canaries
from stillwatch.guard.decision import PASS, Decision
from stillwatch.guard.edits import edited, usage_added
from stillwatch.guard.guard import Guard
from stillwatch.guard.hygiene import Cleaned, Hygiene, cleaned
from stillwatch.guard.identity import Identity, Who
from stillwatch.guard.logged import Decided, Exchange
from stillwatch.guard.marks import Marks
from stillwatch.guard.noted import Canary
from stillwatch.guard.rates import PATIENCE, Rates
from stillwatch.guard.reasoning.awaited import Awaited, Summaries
from stillwatch.guard.reasoning.edit import Editor
from stillwatch.guard.reasoning.shown import editor, making
from stillwatch.guard.requests import Asked, Malformed, api_of, asked, invoked
from stillwatch.guard.usage import Counted, Usage, used
from stillwatch.guard.written import Written
from stillwatch.safeguards.watermark.keys import MarkKey

MOST_KEPT = (
    16 << 20
)  # bytes of an answer in one piece that are kept to read its usage; what is longer counts as reserved
_EVENTS = b"text/event-stream"
_ADAPTER = b"x-amzn-sagemaker-adapter-identifier"  # names the model in place of the body
_TLS = b"x-ja4"  # header in which whoever ends TLS in front of the guard names the client's fingerprint
_COMPRESSED = "the body is compressed; bodies are taken as they are"  # by engines as well
GO_ON = Answer(200, (("content-length", "0"),), b"")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came; names of headers in lower case."""

    path: str
    headers: Mapping[bytes, bytes]
    body: bytes
    address: str
    at: float  # seconds since 1970


@dataclass(slots=True)
class Passage:
    """A request on its way. The model is asked with `body`; its answer goes through `feed` and `rest`.

    What they give goes through `filled` before it goes on, once it `waits`.
    """

    body: bytes
    who: Who
    asked: Asked
    decision: Decision
    incoming: Incoming
    reserved: tuple[Reserved, ...] = ()
    counts: bool = False  # whether anybody wants to know how many tokens the answer takes
    mark: MarkKey | None = None  # that the answer is watermarked with
    canary: Canary | None = None  # that the model is told of
    summaries: Summaries | None = None  # who makes those of its reasoning; None: they are picked sentences
    hide_usage: bool = False  # the client did not ask for the chunk that we count by
    began: float = field(default_factory=time.perf_counter)
    status: int = 0  # of the answer; 0 until there is one
    _stream: Counted | None = None
    _whole: bytearray | None = None  # of an answer in one piece
    _opaque: bool = False  # compressed, or too long to be kept
    _editor: Editor | None = None  # where less of its reasoning is shown
    _encoded: bool = False  # where less should be shown
    _awaited: Awaited | None = None  # what is shown instead
    keeps: bool = False  # whether the answer is kept, to be sealed
    answered: Answered | None = None  # what is kept of it

    @property
    def unedited(self) -> str:
        """Why an answer was not edited that should have been; empty if it was."""
        if self._encoded:
            return "Encoded"
        failed = self._editor.failed if self._editor is not None else ""
        return failed or (self._awaited.failed if self._awaited is not None else "")

    @property
    def edits(self) -> bool:
        """Whether the answer may become another length."""
        return self.hide_usage or bool(self.decision.reasoning)

    def begins(self, status: int, content_type: bytes, encoded: bool, counted_alone: bool = False) -> None:
        """The answer begins; `encoded` if its bytes are not what they say.

        `counted_alone` if what `feed` gives is shown to nobody, and need not be edited.
        """
        self.status, self._opaque = status, encoded
        if self.keeps and status < 400 and not encoded:
            self.answered = Answered(content_type.startswith(_EVENTS))
        if self.decision.reasoning and status < 400 and not counted_alone:
            self._edits(content_type.startswith(_EVENTS))
            if encoded and self._editor is not None:
                self._editor, self._encoded = None, True
        if encoded or status >= 400 or not self.counts:
            return
        if content_type.startswith(_EVENTS):
            self._stream = Counted(self.asked.endpoint, hide=self.hide_usage)
        else:
            self._whole = bytearray()

    def _edits(self, streamed: bool) -> None:
        made = making(self.decision.reasoning, self.summaries)
        self._awaited = None if made is None else Awaited(made)
        by = None if self._awaited is None else self._awaited.shown
        self._editor = editor(self.decision.reasoning, self.asked.endpoint, streamed, by)

    @property
    def waits(self) -> bool:
        """Whether something that is to be shown is still being made, or was."""
        return bool(self._awaited)

    def filled(self, edited: bytes) -> AsyncIterator[bytes]:
        """What `feed` or `rest` gave, in pieces as they may go on."""
        assert self._awaited is not None, "BUG: nothing is waited for"
        return self._awaited.filled(edited)

    def ends(self) -> None:
        """Nothing goes on any more."""
        if self._awaited is not None:
            self._awaited.close()

    def feed(self, piece: bytes) -> bytes:
        """A piece of the answer; what of it goes on to the client."""
        if self.answered is not None:
            self.answered.feed(piece)
        if self._stream is not None:
            piece = self._stream.feed(piece)
        elif self._whole is not None:
            self._whole += piece
            if len(self._whole) > MOST_KEPT:
                self._whole, self._opaque = None, True
        return piece if self._editor is None else self._editor.feed(piece)

    def rest(self) -> bytes:
        """What is still to go on when the answer has ended."""
        rest = self._stream.rest() if self._stream is not None else b""
        return rest if self._editor is None else self._editor.feed(rest) + self._editor.rest()

    def usage(self) -> Usage:
        """Tokens, as the answer tells them or estimated."""
        if self._stream is not None:
            return self._stream.total()
        if self._whole is not None:
            return used(bytes(self._whole), self.asked.endpoint)
        return Usage()

    def tokens(self, usage: Usage) -> int | None:
        """Those to be charged; None where all that was reserved has to be."""
        if self._opaque:
            return None
        if not self.status or self.status >= 400:
            return 0
        return (usage.input or self.asked.input_tokens) + usage.output


class Gate:
    """A guard and what stands around it. Belongs to one event loop."""

    def __init__(
        self,
        guard: Guard,
        identity: Identity,
        hygiene: Hygiene,
        budgets: Budgets,
        rates: Rates,
        written: Written | None,
        limits: Limits,
        marks: Marks | None = None,
        summaries: Summaries | None = None,
        canaries: Canaries | None = None,
    ) -> None:
        self.guard, self.identity, self.hygiene = guard, identity, hygiene
        self.budgets, self.rates, self.written, self.limits = budgets, rates, written, limits
        self.marks, self.summaries, self.canaries = marks, summaries, canaries
        self._afterwards: set[asyncio.Task[None]] = set()

    async def enter(self, incoming: Incoming, who: Who | None = None) -> Passage | Answer:
        """The request on its way, or what is answered in its place. Whatever fails in between lets it pass as it came.

        `who` sent it, where whoever carries it has found that out himself.
        """
        try:
            return await self._entered(incoming, who)
        except Malformed as problem:
            encoded = incoming.headers.get(b"content-encoding", b"identity") != b"identity"
            return answers.malformed(api_of(incoming.path), _COMPRESSED if encoded else str(problem))
        except Exception as problem:
            self.guard.counts[f"failed: {type(problem).__name__}"] += 1
            return Passage(incoming.body, Who(), asked("", incoming.body), PASS, incoming)

    async def _entered(self, incoming: Incoming, who: Who | None) -> Passage | Answer:
        request = asked(incoming.path, incoming.body)
        clean = cleaned(request, self.hygiene)
        if clean.refused:
            return answers.malformed(request.api, f"{', '.join(clean.refused)} may not be sent")
        who = who or self.identity.of(incoming.headers)
        facts = {**request.facts, **_client(incoming)}
        decision = self.guard.decide(facts, who.account, who.organization, incoming.at, request.newest)
        passage = Passage(request.raw, who, request, decision, incoming, summaries=self.summaries)
        if decision is PASS and not clean.changes and self.written is None:
            return passage
        refusal = await self._refused(passage, clean)
        if refusal is not None:
            passage.status = refusal.status
            self._note(passage, Usage())
            return refusal
        return passage

    async def decided(self, incoming: Incoming, account: str = "", organization: str = "") -> Answer:
        """Whether a request may go on, for whoever carries it without us: 200, or what is answered in its place."""
        try:
            return await self._decided(incoming, account, organization)
        except Exception as problem:
            self.guard.counts[f"failed: {type(problem).__name__}"] += 1
            return GO_ON

    async def _decided(self, incoming: Incoming, account: str, organization: str) -> Answer:
        try:
            request = asked(incoming.path, incoming.body)
        except Malformed:
            request = asked(incoming.path, b"")  # a gateway may show the beginning of a body alone
        who = self.identity.of(incoming.headers)
        if account:
            who = Who(account, organization or who.organization, account, who.key)
        facts = {**request.facts, **_client(incoming)}
        decision = self.guard.decide(facts, who.account, who.organization, incoming.at, request.newest)
        self._note_decision(decision, incoming.at, "", who)
        return await self._held_up(request, decision) or GO_ON

    def leave(self, passage: Passage) -> None:
        """The answer is through, or broke off: settle and note."""
        passage.ends()
        if passage.unedited:
            self.guard.counts[f"failed: {passage.unedited}"] += 1
        usage = passage.usage()
        tokens = passage.tokens(usage)
        for one in passage.reserved:
            self._later(self.budgets.settle(one, one.tokens if tokens is None else tokens, time.time()))
        self._note(passage, usage)

    async def close(self) -> None:
        """Everything that is still to be settled, and the log."""
        await asyncio.gather(*self._afterwards, return_exceptions=True)
        if self.summaries is not None:
            await self.summaries.close()
        if self.written is not None:
            self.written.close()

    async def _refused(self, passage: Passage, clean: Cleaned) -> Answer | None:
        """Why the request does not go on; None when it does, with its body as it is to be sent."""
        decision, request = passage.decision, passage.asked
        if (answer := await self._held_up(request, decision)) is not None:
            return answer
        if self.canaries is not None:
            passage.canary = self.canaries.of(decision.canary, request, passage.incoming.at)
        most_output = None
        if decision.budgets:
            found = await self._reserve(passage)
            if isinstance(found, Exhausted):
                return answers.used_up(request.api, decision.id, found.seconds)
            most_output = found
        passage.counts = bool(decision.budgets) or self.written is not None
        passage.hide_usage = passage.counts and usage_added(request)
        if self.marks is not None:
            passage.mark = self.marks.of(decision.watermark, request.endpoint, passage.incoming.at)
        passage.keeps = self.written is not None and self.written.keeps_answers and bool(passage.mark or passage.canary)
        mark = passage.mark.key if passage.mark else ""
        note = passage.canary.changes if passage.canary else {}
        passage.body = edited(request, decision, clean, most_output, mark, note, count_tokens=passage.counts)
        return None

    async def _held_up(self, request: Asked, decision: Decision) -> Answer | None:
        """What is answered in place of the model, or when to come again; None once the request may go on."""
        policy = self.guard.ready.policy
        if decision.answer is not None:
            return answers.in_place(decision.answer, request.api, decision.id, policy.appeal, policy.verification)
        for key, rate in decision.rates:
            wait = await self.rates.wait(key, rate, time.time(), PATIENCE)
            if wait > PATIENCE:
                return answers.slowed_down(request.api, decision.id, wait)
            if wait:
                await asyncio.sleep(wait)
        return None

    async def _reserve(self, passage: Passage) -> int | Exhausted:
        """Tokens of every budget; the most that may be answered, in tokens."""
        request = passage.asked
        granted: list[Reserved] = []
        most_input = request.most_input_tokens + (passage.canary.most_tokens if passage.canary else 0)
        most = most_input + request.most_answered(self.limits.unsaid_tokens) * request.answers
        least = min(most_input + LEAST_ANSWER * request.answers, most)
        for key, budget in passage.decision.budgets:
            found = await self.budgets.reserve(key, budget, least, most, time.time())
            if isinstance(found, Exhausted):
                for one in granted:
                    await self.budgets.settle(one, 0, time.time())
                return found
            granted.append(found)
        passage.reserved = tuple(granted)
        return min(one.tokens for one in granted) - most_input

    def _note(self, passage: Passage, usage: Usage) -> None:
        if self.written is None:
            return
        who, incoming, decision = passage.who, passage.incoming, passage.decision
        name = f"x-{uuid.uuid4().hex}"
        get = incoming.headers.get
        self.written.exchange(
            Exchange(
                name, incoming.at, who.logged, passage.asked, usage, passage.status or 499,
                (time.perf_counter() - passage.began) * 1_000.0, bool(decision.live), who.organization, who.key,
                client_ip=incoming.address, user_agent=get(b"user-agent", b"").decode("latin-1"),
                tls_fingerprint=get(_TLS, b"").decode("latin-1"),
            )
        )  # fmt: skip
        mark = passage.mark.commitment if passage.mark else ""
        self._note_decision(decision, incoming.at, name, who, mark, passage.canary)
        if passage.answered is not None:
            canary = passage.canary.commitment if passage.canary else ""
            self.written.answer(
                Kept(
                    name, incoming.at, passage.asked.endpoint, passage.asked.body or {}, passage.answered.raw,
                    passage.answered.streamed, mark, canary,
                )
            )  # fmt: skip

    def _note_decision(
        self, decision: Decision, at: float, exchange: str, who: Who, mark: str = "", canary: Canary | None = None
    ) -> None:
        if self.written is not None and decision is not PASS:
            campaign = self.guard.known.of(who.account).get("campaign.id", "")
            decided = Decided(decision, at, exchange, who.logged, who.organization, campaign, mark, canary)
            self.written.decision(decided)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Done although whoever asked is gone."""
        task = asyncio.get_running_loop().create_task(work)
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)


def _client(incoming: Incoming) -> dict[str, str]:
    told = {"client.address": incoming.address, "client.tls": incoming.headers.get(_TLS, b"").decode("latin-1")}
    if invoked(incoming.path) and (adapter := incoming.headers.get(_ADAPTER)):
        told["request.model"] = adapter.decode("latin-1")
    return told
