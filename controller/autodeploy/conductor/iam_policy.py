"""`iam-policy`: what must be allowed, from the repository alone; AWS is not asked."""

from __future__ import annotations

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.read import read
from autodeploy.errors import UsageError
from autodeploy.provisioner import policy
from autodeploy.provisioner.policy import Policy
from autodeploy.recon import Talk


def whole_policy(state: str | None = None) -> Policy:
    """The least policy for everything; `state` as in `iam_policy`."""
    return policy.of_everything(state)


def iam_policy(
    command: Command, environment: Environment, talk: Talk, state: str | None = None
) -> Policy:
    """The least policy for deploying a repository.

    Args:
        command: Names the repository.
        environment: Where it is read.
        talk: Told what is read.
        state: Where the state is in S3: `BUCKET` or `BUCKET/PREFIX`; None where it is not.

    Raises:
        UsageError: It is deployed to hosts that exist, and has no state in S3.
    """
    _source, stack, settings = read(command, environment, talk)
    if settings.target == "ssh":
        if state:
            return policy.of_state(state)
        raise UsageError(
            "a deployment to hosts that exist asks nothing of AWS",
            remediation="Give --target aws.",
        )
    known = environment.store.application(command.name, settings.environment)
    has_secrets = known is not None and known.secrets is not None
    return policy.of(stack, settings, state, has_secrets=has_secrets)
