"""The Deployer: from artifact to running release."""

from autodeploy.deployer.database import DatabaseLogins, database_variables, prepare_database
from autodeploy.deployer.fingerprints import deployment_fingerprint, host_fingerprint
from autodeploy.deployer.health import is_live
from autodeploy.deployer.release import prepare, release
from autodeploy.deployer.variables import Given

__all__ = [
    "DatabaseLogins",
    "Given",
    "database_variables",
    "deployment_fingerprint",
    "host_fingerprint",
    "is_live",
    "prepare",
    "prepare_database",
    "release",
]
