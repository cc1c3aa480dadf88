"""Opens a log and an engine, runs the flow, stores what it made. The only place with effects below the command line."""

from stillwatch.run.place import INPUTS, Place
from stillwatch.run.progress import Silent, Watcher
from stillwatch.run.replay import replay
from stillwatch.run.scan import Outcome, link, scan

__all__ = ["INPUTS", "Outcome", "Place", "Silent", "Watcher", "link", "replay", "scan"]
