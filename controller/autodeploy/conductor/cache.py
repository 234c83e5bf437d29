"""The application's Redis between the agents that know of it."""

from __future__ import annotations

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import InfrastructureSpec, TechStack


def variables(cloud: Cloud | None, spec: InfrastructureSpec, stack: TechStack) -> deployer.Given:
    """How the application reaches its Redis; nothing where it has none.

    Args:
        cloud: Where the token is.
        spec: The Redis.
        stack: For the form of the address.

    Raises:
        CloudError: The token cannot be read.
    """
    if spec.cache is None or cloud is None:
        return {}
    token = provisioner.secret_text(cloud, spec.cache.secret)
    return deployer.cache_variables(spec.cache, token, stack)
