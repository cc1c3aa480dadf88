"""The HTTP service: two doors, one for the provider's own systems and one for the world.

Inside: sign-ups are assessed, cases read, verdicts on accounts told; whoever asks shows a token. Outside: webhooks of
vendors, each proved by its signature, and logins at organisations. Nothing else is answered on either.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from stillwatch.request import (
    Answer,
    Gone,
    Incoming,
    Receive,
    Scope,
    Send,
    Stopped,
    begun,
    body,
    document,
    error,
    say,
)  # fmt: skip
from stillwatch.verification.afterwards import Afterwards
from stillwatch.verification.asking import Asked, Asks, NobodyAsked
from stillwatch.verification.assesses import VERDICTS, Assesses, Unreadable
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.counted import TYPE, Counted
from stillwatch.verification.ladder import Case, Cases
from stillwatch.verification.organizations import Organizations, Refused
from stillwatch.verification.outcome import Outcome
from stillwatch.verification.vendors import Forged, NotUnderstood, Secret, Stale, Vendor
from stillwatch.verification.vendors.vendor import MOST_BYTES

SCHEMA_VERSION = 1
COOKIE = "__Secure-stillwatch-login"
_MOST_ROW_BYTES = 65_536  # of a sign-up: some forty short fields
_PLACE = "/v1/organizations"
_THREADS = 4  # that wait for the store's disk; webhooks come some a second
_T = TypeVar("_T")
_Route = Callable[[Incoming, Receive], Awaitable[Answer]]


@dataclass
class Service:
    """All that the doors need, each a thing of its own."""

    assesses: Assesses | None  # without, sign-ups are assessed elsewhere
    cases: Cases
    vendors: Mapping[str, Vendor]
    secrets: Mapping[str, Sequence[Secret]]  # of each vendor
    organizations: Organizations
    tokens: Sequence[str]  # any of which opens the inner door
    now: Callable[[], float]
    asks: Asks = field(default_factory=NobodyAsked)
    notes: Callable[[dict[str, Any]], None] = lambda row: None  # of each assessment, as it was answered
    says: Callable[[str], None] = lambda text: None  # to whoever looks after it
    return_url: str = ""  # of the provider's, to send a browser back to after a login
    counted: Counted = field(default_factory=Counted)


class _Door:
    """Finds the route, and answers whatever happens on it."""

    def __init__(self, service: Service) -> None:
        self.service, self.counted = service, service.counted
        self._threads = ThreadPoolExecutor(_THREADS, "verify-store")

    async def ended(self) -> None:
        """What is still to be done of what was answered."""

    def close(self) -> None:
        self._threads.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = "request"
        try:
            came = begun(scope)
            name, allowed, route = self._route(came)
            if route is None:
                raise Stopped(error(404, "not_found", "there is nothing here"))
            if came.method != allowed:
                raise Stopped(error(405, "method", f"only {allowed} is taken here", ("allow", allowed)))
            self._admitted(name, came)
            answer = await route(came, receive)
        except Stopped as stopped:
            answer = stopped.answer
        except Gone:
            return
        except (
            Exception
        ) as problem:  # a defect or a disk: the vendor sends it again, and nobody is shown how we are built
            self.counted.failed[name] += 1
            where = traceback.extract_tb(problem.__traceback__)[-1]
            self.service.says(f"{name}: {type(problem).__name__} at {where.filename}:{where.lineno}")
            answer = error(500, "failed", "it could not be done now; send it again")
        await say(send, answer)

    def _route(self, came: Incoming) -> tuple[str, str, _Route | None]:
        """Its name for counting, the method it takes, and the route; None where there is none."""
        raise NotImplementedError

    def _admitted(self, name: str, came: Incoming) -> None:
        """Stopped with 401 where whoever asks may not."""

    async def _stored(self, does: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, does)

    async def _health(self, came: Incoming, receive: Receive) -> Answer:
        return Answer(200, {"status": "ok"})


class Inside(_Door):
    """An ASGI app for the provider's own systems."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._digests = [hashlib.sha256(one.encode()).digest() for one in service.tokens]
        self._raised = Afterwards(self._asked, self._not_asked)

    async def ended(self) -> None:
        if left := await self._raised.end():
            self.service.says(f"{left} earlier sign-ups could not be asked now: they are when the service begins again")

    def _route(self, came: Incoming) -> tuple[str, str, _Route | None]:
        match came.path:
            case ("v1", "accounts", "assess") if self.service.assesses is not None:
                return "assess", "POST", partial(self._assess, self.service.assesses)
            case ("v1", "accounts", account, "outcome") if account and self.service.assesses is not None:
                return "outcome", "POST", partial(self._outcome, self.service.assesses)
            case ("v1", "cases", case) if case:
                return "case", "GET", self._case
            case ("metrics",):
                return "metrics", "GET", self._metrics
            case ("healthz",):
                return "healthz", "GET", self._health
        return "unknown", "GET", None

    def _admitted(self, name: str, came: Incoming) -> None:
        if name == "healthz":
            return
        scheme, _, token = came.headers.get("authorization", "").partition(" ")
        shown = hashlib.sha256(token.strip().encode()).digest()
        if scheme.lower() != "bearer" or not sum(secrets.compare_digest(shown, one) for one in self._digests):
            raise Stopped(error(401, "unauthorized", "a token is needed", ("www-authenticate", "Bearer")))

    async def _assess(self, assesses: Assesses, came: Incoming, receive: Receive) -> Answer:
        row = document(await body(came, receive, _MOST_ROW_BYTES))
        now = self.service.now()
        try:
            found = assesses.assess(row, now)
        except Unreadable as problem:
            self.counted.assessed["unreadable"] += 1
            return error(422, "unreadable", problem.why, field=problem.field)
        self.service.asks.saw(found)
        said = await self._answered(found, now)
        self.counted.assessed["asked" if found.asks else "not_asked"] += 1
        for earlier in assesses.raised(now):  # in the journal: no customer waits for what is asked of others
            self._raised.add(earlier)
        return Answer(200, said)

    async def _asked(self, earlier: Assessment) -> None:
        """A step of an earlier sign-up, of which later ones told."""
        now, assesses = self.service.now(), self.service.assesses
        await self._answered(earlier, now)
        if assesses is not None:
            assesses.asked(earlier.account_id, now)
        self.counted.assessed["raised"] += 1

    def _not_asked(self, problem: Exception) -> None:
        self.counted.failed["raised"] += 1
        self.service.says(f"an earlier sign-up could not be asked yet: {type(problem).__name__}")

    async def _answered(self, found: Assessment, now: float) -> dict[str, Any]:
        """What is said of a sign-up, noted; and its case, where one is opened."""
        asked = await self._stored(lambda: self.service.asks.ask(found, now)) if found.asks else Asked()
        step = asked.steps[0] if asked.steps else ""
        told = {"step": step, "steps": list(asked.steps), "case": asked.case, "decision_id": secrets.token_hex(16)}
        said = {**_said(found), **told}
        try:
            self.service.notes({**said, "at": found.at, "bits": found.bits, "pathway": found.pathway})
        except OSError as problem:  # a sign-up does not wait for our disk
            self.counted.failed["notes"] += 1
            self.service.says(f"an assessment could not be kept: {problem.strerror}")
        return said

    async def _outcome(self, assesses: Assesses, came: Incoming, receive: Receive) -> Answer:
        told, now, account = document(await body(came, receive, _MOST_ROW_BYTES)), self.service.now(), came.path[2]
        verdict, at = told.get("outcome"), told.get("at", now)
        if verdict not in VERDICTS:
            return error(422, "unreadable", f"one of {', '.join(VERDICTS)}", field="outcome")
        if isinstance(at, bool) or not isinstance(at, int | float) or not (math.isfinite(at) and 0 <= at <= now):
            return error(422, "unreadable", "seconds since 1970, no later than now", field="at")
        waived = await self._stored(lambda: self._waived(account, now)) if verdict == "cleared" else []
        assesses.learn(account, verdict, float(at))
        self.counted.verdicts[verdict] += 1
        return Answer(
            200, {"schema_version": SCHEMA_VERSION, "account_id": account, "outcome": verdict, "waived": waived}
        )

    def _waived(self, account: str, now: float) -> list[str]:
        """Cases of an account that a person has cleared: nothing more is asked."""
        names = [one.opened.case for one in self.service.cases.of_account(account) if one.open]
        for name in names:
            self.service.cases.waive(name, "outcome", now)
        return names

    async def _case(self, came: Incoming, receive: Receive) -> Answer:
        found = await self._stored(lambda: self.service.cases.case(came.path[2]))
        return (
            error(404, "not_found", "no case of that name")
            if found is None
            else Answer(200, _told(found, self.service.now()))
        )

    async def _metrics(self, came: Incoming, receive: Receive) -> Answer:
        return Answer(200, self.counted.page(), type=TYPE)


class Outside(_Door):
    """An ASGI app for the world: webhooks and logins."""

    def _route(self, came: Incoming) -> tuple[str, str, _Route | None]:
        match came.path:
            case ("v1", "webhooks", vendor) if vendor in self.service.secrets and vendor in self.service.vendors:
                return "webhook", "POST", self._webhook
            case ("v1", "organizations", "begin"):
                return "login", "GET", self._begin
            case ("v1", "organizations", "callback"):
                return "login", "GET", self._callback
            case ("healthz",):
                return "healthz", "GET", self._health
        return "unknown", "GET", None

    async def _webhook(self, came: Incoming, receive: Receive) -> Answer:
        """401 for what is not signed by it, 400 for what is too old, 200 for all that need not be sent again."""
        vendor, now = came.path[2], self.service.now()
        raw = await body(came, receive, MOST_BYTES)
        try:
            news = self.service.vendors[vendor].read(came.headers, raw, self.service.secrets[vendor], now)
        except Forged:
            return self._counted(vendor, "forged", 401)
        except Stale:
            return self._counted(vendor, "stale", 400)
        except NotUnderstood as problem:
            self.service.says(f"{vendor} sent what is not understood: {problem}")
            return self._counted(vendor, "not_understood", 200)
        result = "nothing"
        for one in news:
            result = (await self._stored(partial(self.service.cases.record, one, now))).replace(" ", "_")
            await self._taught(one, result)
        return self._counted(vendor, result, 200)

    async def _taught(self, news: Outcome, result: str) -> None:
        """A step that was passed or failed tells of whoever has the same values."""
        assesses = self.service.assesses
        verdict = {"passed": "cleared", "failed": "failed"}.get(news.state)
        if assesses is not None and result == "recorded" and verdict:
            case = await self._stored(lambda: self.service.cases.case(news.case))
            if case is not None and case.state == news.state:  # not what came late, or was overtaken
                assesses.learn(case.opened.account_id, verdict, news.at)

    def _counted(self, vendor: str, result: str, status: int) -> Answer:
        self.counted.webhooks[vendor, result] += 1
        return Answer(status, {"result": result})

    async def _begin(self, came: Incoming, receive: Receive) -> Answer:
        name, service, now = came.query.get("case", ""), self.service, self.service.now()
        names = list(service.organizations.issuers)
        issuer = came.query.get("issuer", names[0] if len(names) == 1 else "")
        case = await self._stored(lambda: service.cases.case(name)) if name else None
        if case is None or not case.open:
            return error(404, "not_found", "no open case of that name")
        try:
            login = await service.organizations.begin(name, issuer, now)
        except Refused as problem:
            return self._refused(problem)
        self.counted.logins["begun"] += 1
        return Answer(302, "", (("location", login.address), _cookie(login.browser, 600)), "text/plain")

    async def _callback(self, came: Incoming, receive: Receive) -> Answer:
        service, now = self.service, self.service.now()
        try:
            news = await service.organizations.finish(came.query, _browser(came.headers.get("cookie", "")), now)
        except Refused as problem:
            return self._refused(problem)
        result = (await self._stored(lambda: service.cases.record(news, now))).replace(" ", "_")
        await self._taught(news, result)
        self.counted.logins[news.state if result == "recorded" else result] += 1
        gone = _cookie("", 0)
        if service.return_url:
            joint = "&" if "?" in service.return_url else "?"
            return Answer(
                302, "", (("location", f"{service.return_url}{joint}result={news.state}"), gone), "text/plain"
            )
        return Answer(200, {"result": news.state}, (gone,))

    def _refused(self, problem: Refused) -> Answer:
        self.counted.logins[problem.code] += 1
        status = {"unknown_issuer": 404, "provider_failed": 502}.get(problem.code, 400)
        if status == 502:
            self.service.says(f"login: {problem}")
            return error(status, problem.code, "the organisation's login does not answer as it should; try again")
        return error(status, problem.code, str(problem))


def _said(found: Assessment) -> dict[str, Any]:
    reasons = [
        {"code": one.code, "text": one.text, "weight": one.weight, "innocent_explanation": one.innocent_explanation}
        for one in found.reasons
    ]
    return {
        "schema_version": SCHEMA_VERSION, "account_id": found.account_id, "likelihood": found.likelihood,
        "asks": found.asks, "batch": found.batch, "reasons": reasons,
    }  # fmt: skip


def _told(case: Case, now: float) -> dict[str, Any]:
    """What is shown is in tokens under the key of pseudonyms, as the store has it."""
    opened = case.opened
    return {
        "schema_version": SCHEMA_VERSION, "case": opened.case, "account_id": opened.account_id,
        "state": case.standing(now), "since": case.at, "open": case.open, "asked": list(opened.steps), "asked_at": opened.at,
        "until": opened.until, "pathway": opened.pathway,
        "steps": [{**asdict(one), "facts": [list(fact) for fact in one.facts]} for one in case.steps],
    }  # fmt: skip


def _cookie(value: str, seconds: int) -> tuple[str, str]:
    """For this service alone, and not for scripts; Lax, since the issuer sends the browser back by a link."""
    return "set-cookie", f"{COOKIE}={value}; Max-Age={seconds}; Path={_PLACE}; Secure; HttpOnly; SameSite=Lax"


def _browser(cookies: str) -> str:
    found = [one.strip().partition("=")[2] for one in cookies.split(";") if one.strip().startswith(f"{COOKIE}=")]
    return found[0] if len(found) == 1 else ""
