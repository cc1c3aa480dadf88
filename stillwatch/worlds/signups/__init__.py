"""Worlds of sign-ups: accounts as they are registered, honest and fraudulent, at four rungs of evasion; no exchanges.

Nothing is ever sent anywhere: a world is a folder of files.
"""

from __future__ import annotations

from stillwatch.worlds.signups.make import Summary, make, rungs

__all__ = ["Summary", "make", "rungs"]
