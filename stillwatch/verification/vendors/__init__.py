"""Vendors of identity checks, one file each; this page lists them. How to add one: docs/verification-vendors.md."""

from __future__ import annotations

from stillwatch.verification.vendors.onfido import Onfido
from stillwatch.verification.vendors.persona import Persona
from stillwatch.verification.vendors.standard_webhooks import StandardWebhooks
from stillwatch.verification.vendors.stripe_identity import StripeIdentity
from stillwatch.verification.vendors.sumsub import Sumsub
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Refused, Secret, Stale, Vendor

ALL: tuple[Vendor, ...] = (StripeIdentity(), Persona(), Sumsub(), Onfido(), StandardWebhooks())

__all__ = ["ALL", "Forged", "NotUnderstood", "Refused", "Secret", "Stale", "Vendor"]
