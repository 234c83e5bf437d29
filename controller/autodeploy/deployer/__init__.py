"""The Deployer: from artifact to running release."""

from autodeploy.deployer import database
from autodeploy.deployer.balancer import Balancer
from autodeploy.deployer.cache import cache_names, cache_variables
from autodeploy.deployer.database import (
    DatabaseLogins,
    database_names,
    database_variables,
    prepare_database,
)
from autodeploy.deployer.fingerprints import (
    database_fingerprint,
    deployment_fingerprint,
    host_fingerprint,
)
from autodeploy.deployer.goingback import give_back, refuse_gone
from autodeploy.deployer.health import Outside, gate, is_live
from autodeploy.deployer.hooks import Occasion, facts, run_after
from autodeploy.deployer.inspection import foresee, inspect, unlisted
from autodeploy.deployer.jobs import JobSeen, question, seen
from autodeploy.deployer.logs import LogLine, LogQuery, moment
from autodeploy.deployer.maintenance import show_maintenance
from autodeploy.deployer.merging import as_it_comes, in_order
from autodeploy.deployer.oneoff import oneoff
from autodeploy.deployer.oneoff_host import NO_PROCESS
from autodeploy.deployer.release import Candidate, release
from autodeploy.deployer.removal import remove
from autodeploy.deployer.rollout import Rollout, log_in, rollout, start
from autodeploy.deployer.securing import Facts, Securing
from autodeploy.deployer.upgrade import Upgrade, upgrade
from autodeploy.deployer.usage import USAGE, usage
from autodeploy.deployer.variables import Given, Secrets, loopback_port

__all__ = [
    "NO_PROCESS",
    "USAGE",
    "Balancer",
    "Candidate",
    "DatabaseLogins",
    "Facts",
    "Given",
    "JobSeen",
    "LogLine",
    "LogQuery",
    "Occasion",
    "Outside",
    "Rollout",
    "Secrets",
    "Securing",
    "Upgrade",
    "as_it_comes",
    "cache_names",
    "cache_variables",
    "database",
    "database_fingerprint",
    "database_names",
    "database_variables",
    "deployment_fingerprint",
    "facts",
    "foresee",
    "gate",
    "give_back",
    "host_fingerprint",
    "in_order",
    "inspect",
    "is_live",
    "log_in",
    "loopback_port",
    "moment",
    "oneoff",
    "prepare_database",
    "question",
    "refuse_gone",
    "release",
    "remove",
    "rollout",
    "run_after",
    "seen",
    "show_maintenance",
    "start",
    "unlisted",
    "upgrade",
    "usage",
]
