"""An ID token, checked as OpenID Connect Core 1.0, section 3.1.3.7 says, by joserfc (signatures) and Authlib (claims)."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from stillwatch.verification.organizations.issuer import Issuer, Refused

# Public-key algorithms alone: with a shared secret whoever has it can vouch for anybody, and `none` is nobody's word.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY = 60  # seconds that clocks of two servers may differ
_MOST_CHARACTERS = 65_536  # of a token; those with every group of a large company in them have 20,000


def key_named(token: str) -> str | None:
    """The key that a token says it was signed with; None when it says none."""
    try:
        if len(token) > _MOST_CHARACTERS:
            raise ValueError
        named = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError):
        raise Refused("bad_token", "the ID token is none") from None
    return named if isinstance(named, str) else None


def claims(token: str, keys: KeySet, issuer: Issuer, nonce: str, access_token: str, now: float) -> dict[str, Any]:
    """What it says, once all of it is right. Refused else."""
    try:
        found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        told = CodeIDToken(
            found.claims,
            found.header,
            options={
                "iss": {"essential": True, "value": issuer.expected(found.claims)},
                "aud": {"essential": True, "value": issuer.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            params={"nonce": nonce, "client_id": issuer.client_id, "access_token": access_token},
        )
        told.validate(now=int(now), leeway=LEEWAY)
    except ExpiredTokenError:
        raise Refused("expired_token", "the ID token is over") from None
    except (JoseError, ValueError, TypeError) as problem:
        raise Refused("bad_token", f"the ID token does not hold: {type(problem).__name__} {problem}"[:200]) from None
    return dict(told)
