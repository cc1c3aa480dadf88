"""Watching a log that grows: what has come is absorbed batch by batch, and looked at every so often.

    source → batch → signals by hour → look → result

One file is the truth, the manifest (state.py). Everything else is written beside it first and counts only once the manifest
names it, so a process that is killed anywhere goes on from its last commit as if it had never done more.
"""

from stillwatch.run.watching.topic import SCHEME, Topic, topic_at
from stillwatch.run.watching.watch import Asked, watch

__all__ = ["SCHEME", "Asked", "Topic", "topic_at", "watch"]
