"""`iam-policy`: what must be allowed, from the repository alone; AWS is not asked."""

from __future__ import annotations

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.read import read
from autodeploy.errors import UsageError
from autodeploy.provisioner import policy
from autodeploy.provisioner.policy import Policy
from autodeploy.recon import Talk


def iam_policy(command: Command | None, environment: Environment, talk: Talk) -> Policy:
    """The least policy for deploying a repository; without one, for everything.

    Raises:
        UsageError: It is deployed to hosts that exist.
    """
    if command is None:
        return policy.of_everything()
    _source, stack, settings = read(command, environment, talk)
    if settings.target == "ssh":
        raise UsageError(
            "a deployment to hosts that exist asks nothing of AWS",
            remediation="Give --target aws.",
        )
    return policy.of(stack, settings)
