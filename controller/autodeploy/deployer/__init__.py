"""The Deployer: from artifact to running release."""

from autodeploy.deployer.database import DatabaseLogins, database_variables, prepare_database
from autodeploy.deployer.fingerprints import (
    database_fingerprint,
    deployment_fingerprint,
    host_fingerprint,
)
from autodeploy.deployer.health import Outside, is_live
from autodeploy.deployer.release import prepare, release
from autodeploy.deployer.removal import remove
from autodeploy.deployer.variables import Given

__all__ = [
    "DatabaseLogins",
    "Given",
    "Outside",
    "database_fingerprint",
    "database_variables",
    "deployment_fingerprint",
    "host_fingerprint",
    "is_live",
    "prepare",
    "prepare_database",
    "release",
    "remove",
]
