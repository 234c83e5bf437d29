"""The Deployer: from artifact to running release."""

from autodeploy.deployer.fingerprints import deployment_fingerprint, host_fingerprint
from autodeploy.deployer.health import Outside, is_live
from autodeploy.deployer.release import prepare, release
from autodeploy.deployer.removal import remove

__all__ = [
    "Outside",
    "deployment_fingerprint",
    "host_fingerprint",
    "is_live",
    "prepare",
    "release",
    "remove",
]
