"""An OpenID provider as we speak to it: where its doors are, its keys of the moment, and tokens for a code.

Sources: OpenID Connect Discovery 1.0, sections 3 and 4.3; RFC 6749, sections 2.3.1 and 4.1.3; RFC 7636 (PKCE).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from stillwatch.verification.fetched import Unfetched, fetched, guarded
from stillwatch.verification.organizations.issuer import Issuer, Refused

_DOCUMENT_SECONDS = 86_400  # that its doors are taken to be where they were
_KEYS_SECONDS = 3_600  # that keys are used without asking again: one that is withdrawn works so long
_AGAIN_SECONDS = (
    60  # between looks for a key that is not known: tokens of anybody's making must not have us ask and ask
)


@dataclass(frozen=True)
class Doors:
    """What its discovery document says."""

    authorization: str
    token: str
    keys: str
    basic: bool  # the secret is taken as HTTP Basic
    names_itself: bool  # in its redirect (RFC 9207)


class Provider:
    """Belongs to one event loop."""

    def __init__(self, issuer: Issuer, session: aiohttp.ClientSession) -> None:
        self.issuer, self._session = issuer, session
        self._doors: tuple[float, Doors] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def doors(self, now: float) -> Doors:
        if self._doors is None or now - self._doors[0] > _DOCUMENT_SECONDS:
            self._doors = now, await self._discovered()
        return self._doors[1]

    async def keys(self, named: str | None, now: float) -> KeySet:
        """Its keys; asked for again when the one that is named is new."""
        if self._keys is not None:
            age, known = now - self._keys[0], self._keys[1]
            new = named is not None and all(one.kid != named for one in known)
            if age <= (_AGAIN_SECONDS if new else _KEYS_SECONDS):
                return known
        told = await self._asked("GET", (await self.doors(now)).keys)
        try:
            self._keys = now, KeySet.import_key_set(told)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise Refused("provider_failed", f"{self.issuer.name} has no keys that can be read") from None
        return self._keys[1]

    async def tokens(self, code: str, verifier: str, callback: str, now: float) -> tuple[str, str]:
        """ID token and access token for a code, which the provider takes once."""
        doors, issuer = await self.doors(now), self.issuer
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
        headers = {}
        if issuer.client_secret and doors.basic:
            pair = f"{quote_plus(issuer.client_id)}:{quote_plus(issuer.client_secret)}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": issuer.client_id}
            form |= {"client_secret": issuer.client_secret} if issuer.client_secret else {}
        told = await self._asked("POST", doors.token, data=form, headers=headers)
        found = told.get("id_token"), told.get("access_token", "")
        if not isinstance(found[0], str) or not isinstance(found[1], str):
            raise Refused("bad_token", f"{issuer.name} gave no ID token")
        return found[0], found[1]

    async def _discovered(self) -> Doors:
        told = await self._asked("GET", f"{self.issuer.at}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer.named:
            raise Refused("provider_failed", f"{self.issuer.at} names another issuer than {self.issuer.named}")
        try:
            login, token, keys = (
                guarded(str(told[one])) for one in ("authorization_endpoint", "token_endpoint", "jwks_uri")
            )
        except (KeyError, Unfetched) as problem:
            raise Refused("provider_failed", f"{self.issuer.at}: {problem}") from None
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = not isinstance(methods, list) or "client_secret_basic" in methods
        return Doors(login, token, keys, basic, told.get("authorization_response_iss_parameter_supported") is True)

    async def _asked(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        try:
            return await fetched(self._session, method, address, **sent)
        except Unfetched as problem:
            raise Refused("provider_failed", f"{self.issuer.name}: {problem}") from None
