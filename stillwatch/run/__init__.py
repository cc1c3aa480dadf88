"""Opens a log and an engine, runs the flow, stores what it made. The only place with effects below the command line."""

from stillwatch.run.progress import Silent, Watcher
from stillwatch.run.scan import Outcome, Place, link, scan

__all__ = ["Outcome", "Place", "Silent", "Watcher", "link", "scan"]
