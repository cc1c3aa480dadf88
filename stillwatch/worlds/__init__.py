"""Simulated worlds: logs of a provider with honest groups, look-alikes and campaigns, and labels kept outside the log.

Nothing is ever sent anywhere: a world is a folder of files.
"""

from __future__ import annotations

from stillwatch.worlds.make import Summary, make
from stillwatch.worlds.world import World, load, names

__all__ = ["Summary", "World", "load", "make", "names"]
