"""Signs of fraud that one sign-up shows by itself: one file per family; this page lists them."""

from __future__ import annotations

from stillwatch.verification.signs.sign import Sign

ALL: tuple[Sign, ...] = ()

__all__ = ["ALL", "Sign"]
