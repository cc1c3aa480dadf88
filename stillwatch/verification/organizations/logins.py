"""Logins under way: each is begun for one case, in one browser, and ended once.

The browser gets a cookie. Without it whoever begins a login for a case of his own could send the address to somebody at an
organisation, and have the case passed by that person's login. It does not help where the victim is sent to our own address:
so a provider shows that address only to a customer who is logged in, and says which account it is about.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import aiohttp
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from stillwatch.verification.organizations.issuer import Issuer, Refused
from stillwatch.verification.organizations.provider import Provider
from stillwatch.verification.organizations.tokens import claims, key_named
from stillwatch.verification.outcome import Outcome

VENDOR = "oidc"
LOGIN_SECONDS = 600  # from beginning to end: a login with a second factor takes a minute or two
_MOST_UNDER_WAY = 10_000  # some megabytes; the oldest gives way
_MOST_OF_A_CASE = 8  # tries at once: a person with several tabs
_SECONDS = 10.0  # for a provider to answer
_MOST_TEXT = 4_096  # characters of a code


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the cookie to give it."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class _Login:
    case: str
    issuer: str
    nonce: str
    verifier: str
    browser: str
    until: float


class Organizations:
    """Logins at these issuers, ending at `callback`. In memory: a login ends at the process that began it."""

    def __init__(
        self, issuers: Mapping[str, Issuer], callback: str, drawn: Callable[[], str] = lambda: secrets.token_urlsafe(32)
    ) -> None:
        self.issuers, self._callback, self._drawn = issuers, callback, drawn
        self._logins: dict[str, _Login] = {}
        self._providers: dict[str, Provider] = {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def begin(self, case: str, name: str, now: float) -> Begun:
        """Authorization Code with PKCE. Refused where there is no such issuer, or it cannot be reached."""
        provider = self._provider(name)
        doors = await provider.doors(now)
        self._forget(case, now)
        state, nonce, verifier, browser = (self._drawn() for _ in range(4))
        self._logins[state] = _Login(case, name, nonce, verifier, browser, now + LOGIN_SECONDS)
        asked = {
            "response_type": "code", "client_id": provider.issuer.client_id, "redirect_uri": self._callback,
            "scope": "openid email", "state": state, "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        joint = "&" if "?" in doors.authorization else "?"
        return Begun(f"{doors.authorization}{joint}{urlencode(asked)}", browser)

    async def finish(self, query: Mapping[str, str], browser: str, now: float) -> Outcome:
        """News of the step, by what the browser came back with.

        Refused where the login is not ours, not this browser's, or its token does not hold: then there is no news. A login
        that holds and is of another organisation is a failure, and one that was broken off is canceled.
        """
        state = query.get("state", "")
        login = self._logins.pop(state, None)  # once, whatever comes of it
        if login is None or now >= login.until:
            raise Refused("unknown_login", "no such login, or it took too long: begin again")
        if not secrets.compare_digest(login.browser.encode(), browser.encode("utf-8", "surrogatepass")):
            raise Refused("another_browser", "the login was begun in another browser: begin again in this one")
        provider = self._provider(login.issuer)
        issuer, doors = provider.issuer, await provider.doors(now)
        one = "{tenantid}" not in issuer.named
        if one and (doors.names_itself or "iss" in query) and query.get("iss") != issuer.named:
            raise Refused("another_issuer", "another issuer answered")
        event = hashlib.sha256(state.encode()).hexdigest()
        news = Outcome(VENDOR, event, now, login.case, "organization", "canceled", reason="broken_off")
        if "error" in query:
            return news
        code = query.get("code", "")
        if not 0 < len(code) <= _MOST_TEXT:
            raise Refused("no_code", "the issuer sent no code")
        token, access = await provider.tokens(code, login.verifier, self._callback, now)
        told = claims(token, await provider.keys(key_named(token), now), issuer, login.nonce, access, now)
        told_by = (("issuer", issuer.name), ("login", f"{told['iss']} {told['sub']}"))
        try:
            shown = (("organization", issuer.organization(told)), *told_by)
        except Refused as problem:
            return replace(news, state="failed", reason=problem.code, facts=told_by)
        return replace(news, state="passed", reason="", facts=shown)

    def _provider(self, name: str) -> Provider:
        issuer = self.issuers.get(name)
        if issuer is None:
            raise Refused("unknown_issuer", f"no issuer of that name; there are {', '.join(self.issuers) or 'none'}")
        if self._session is None:  # made in the loop that it belongs to
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        return self._providers.setdefault(name, Provider(issuer, self._session))

    def _forget(self, case: str, now: float) -> None:
        """Logins that are over, and of too many the oldest."""
        self._logins = {state: one for state, one in self._logins.items() if now < one.until}
        of_case = [state for state, one in self._logins.items() if one.case == case]
        for state in of_case[: max(0, len(of_case) + 1 - _MOST_OF_A_CASE)]:
            del self._logins[state]
        while len(self._logins) >= _MOST_UNDER_WAY:
            del self._logins[next(iter(self._logins))]
