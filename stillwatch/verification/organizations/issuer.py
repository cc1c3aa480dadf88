"""Who says that somebody belongs to an organisation, and which of its claims proves it.

| kind             | what proves                                             | what does not                              |
| google_workspace | `hd`, the organisation's domain in Google Workspace     | an address, which a Gmail account may have |
| microsoft_entra  | `tid`, the tenant; a guest of it does not belong to it  | `email`, which any tenant may write as it likes |
| generic          | the domain of `email` where `email_verified` is true    | a domain that is not among `members`       |

Sources: OpenID Connect Core 1.0, sections 2, 3.1.3.7 and 5.1; developers.google.com/identity/openid-connect/openid-connect;
learn.microsoft.com/entra/identity-platform/id-token-claims-reference and claims-validation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stillwatch.errors import BadConfiguration

_TENANT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of everybody's own Microsoft account
_GUEST = 1  # of `acct`, an optional claim that the provider should ask Entra for


class Refused(Exception):
    """A login that proves nothing. `code` is for the store and for counting, the text for a person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def _domain(value: Any) -> str:
    return value.lower().rstrip(".") if isinstance(value, str) else ""


def _hosted(claims: Mapping[str, Any]) -> str:
    return _domain(claims.get("hd"))


def _tenant(claims: Mapping[str, Any]) -> str:
    tenant = claims.get("tid")
    if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant) or tenant == _PERSONAL:
        return ""
    return "" if claims.get("acct") == _GUEST else tenant


def _addressed(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or email.count("@") != 1:
        return ""
    return _domain(email.partition("@")[2])


@dataclass(frozen=True)
class Kind:
    """One row of the table above."""

    proof: Callable[[Mapping[str, Any]], str]  # value of the claim that proves, empty without
    address: str = ""  # of the issuer, where /.well-known/openid-configuration is
    issuer: str = ""  # that tokens name, where it is another: {tenantid} stands for the claim `tid`
    all_members: bool = False  # without a list of members, each value that the claim may have is an organisation


_ENTRA = "https://login.microsoftonline.com"
KINDS: Mapping[str, Kind] = {
    "google_workspace": Kind(_hosted, "https://accounts.google.com", all_members=True),
    "microsoft_entra": Kind(_tenant, f"{_ENTRA}/organizations/v2.0", f"{_ENTRA}/{{tenantid}}/v2.0", all_members=True),
    "generic": Kind(_addressed),
}


@dataclass(frozen=True)
class Issuer:
    """One that the provider has registered a client with."""

    name: str
    kind: str  # of KINDS
    client_id: str
    client_secret: str = field(default="", repr=False)
    address: str = ""  # over the kind's
    issuer: str = ""  # over the kind's
    members: Mapping[str, str] = field(default_factory=dict)  # value of the claim that proves → organisation

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadConfiguration(f"no such kind of issuer: {self.kind!r}", self.name, ", ".join(KINDS))
        if not self.client_id or not self.at:
            raise BadConfiguration("an issuer without client_id or address", self.name, "both, as registered there")
        if not self.members and not KINDS[self.kind].all_members:
            raise BadConfiguration(
                "an issuer that may vouch for any domain", self.name, "members: the domains that it is believed for"
            )

    @property
    def at(self) -> str:
        """Address of the issuer."""
        return (self.address or KINDS[self.kind].address).rstrip("/")

    @property
    def named(self) -> str:
        """What its discovery document names as issuer."""
        return self.issuer or ("" if self.address else KINDS[self.kind].issuer) or self.at

    def expected(self, claims: Mapping[str, Any]) -> str:
        """What a token of these claims must name as issuer."""
        tenant = claims.get("tid")
        return self.named.replace("{tenantid}", tenant if isinstance(tenant, str) else "")

    def organization(self, claims: Mapping[str, Any]) -> str:
        """The organisation that valid claims prove. Refused when they prove none."""
        value = KINDS[self.kind].proof(claims)
        if not value:
            raise Refused("no_organization", f"the login at {self.name} is of no organisation")
        if self.members and value not in self.members:
            raise Refused("not_a_member", f"{value} is no organisation that {self.name} is asked about")
        return self.members.get(value, value)
