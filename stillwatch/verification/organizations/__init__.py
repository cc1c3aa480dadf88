"""That somebody belongs to an organisation, shown by logging in there (OpenID Connect)."""

from __future__ import annotations

from stillwatch.verification.organizations.issuer import KINDS, Issuer, Refused
from stillwatch.verification.organizations.logins import Begun, Organizations

__all__ = ["KINDS", "Begun", "Issuer", "Organizations", "Refused"]
