"""State is a log: append-only events, and the fold that turns them into state."""

from autodeploy.journal.application import since_last_removed
from autodeploy.journal.bucketstore import BucketStore
from autodeploy.journal.directory import DirectoryStore
from autodeploy.journal.fold import fold
from autodeploy.journal.journal import AgentLog, Journal
from autodeploy.journal.lease import Holding, Lease, who
from autodeploy.journal.notebook import notebook
from autodeploy.journal.secrets import newest_number, with_secrets
from autodeploy.journal.store import Store
from autodeploy.journal.ways import is_to_mend, newest, ways_after, ways_on

__all__ = [
    "AgentLog",
    "BucketStore",
    "DirectoryStore",
    "Holding",
    "Journal",
    "Lease",
    "Store",
    "fold",
    "is_to_mend",
    "newest",
    "newest_number",
    "notebook",
    "since_last_removed",
    "ways_after",
    "ways_on",
    "who",
    "with_secrets",
]
