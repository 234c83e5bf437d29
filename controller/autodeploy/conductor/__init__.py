"""The Conductor: the story of each command, read as a list of stages."""

from autodeploy.conductor.access import access
from autodeploy.conductor.adopt import Adoption, adopt
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.deploy import deploy
from autodeploy.conductor.destroy import destroy
from autodeploy.conductor.drift import drift
from autodeploy.conductor.iam_policy import iam_policy
from autodeploy.conductor.orphans import orphans
from autodeploy.conductor.plan import plan
from autodeploy.conductor.rollback import rollback, what

__all__ = [
    "Adoption",
    "Command",
    "Environment",
    "access",
    "adopt",
    "deploy",
    "destroy",
    "drift",
    "iam_policy",
    "orphans",
    "plan",
    "rollback",
    "what",
]
