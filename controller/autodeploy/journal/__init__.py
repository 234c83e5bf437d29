"""State is a log: append-only events, and the fold that turns them into state."""

from autodeploy.journal.fold import fold
from autodeploy.journal.journal import AgentLog, Journal
from autodeploy.journal.lease import Lease
from autodeploy.journal.store import DirectoryStore

__all__ = ["AgentLog", "DirectoryStore", "Journal", "Lease", "fold"]
