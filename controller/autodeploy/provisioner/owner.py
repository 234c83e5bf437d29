"""Whose a resource is: the tags that say it, and how to ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from autodeploy.contracts import Contract

if TYPE_CHECKING:
    from types_boto3_ec2.literals import ResourceTypeType
    from types_boto3_ec2.type_defs import FilterTypeDef, TagSpecificationTypeDef

MANAGER = "autodeploy"
RESOURCE = "autodeploy:resource"
DEPLOYMENT = "autodeploy:deployment"


class Owner(Contract):
    """One application in one environment, and the deployment that works on it.

    Attributes:
        application: Its name.
        environment: Its environment.
        deployment: The id of the run: what is created now bears it.
    """

    application: str
    environment: str
    deployment: str

    @property
    def name(self) -> str:
        """For names that AWS wants unique. The dots cannot be in the parts: no two owners share."""
        return f"{MANAGER}.{self.application}.{self.environment}"

    @property
    def identity(self) -> dict[str, str]:
        """The tags that all resources of the application share, whatever the deployment."""
        return {
            "autodeploy:managed-by": MANAGER,
            "autodeploy:application": self.application,
            "autodeploy:environment": self.environment,
        }

    @property
    def filters(self) -> list[FilterTypeDef]:
        """What to ask EC2 for."""
        return [{"Name": f"tag:{key}", "Values": [value]} for key, value in self.identity.items()]

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether all our tags are there: what has only some of them is not ours."""
        ours = all(tags.get(key) == value for key, value in self.identity.items())
        return ours and bool(tags.get(RESOURCE)) and DEPLOYMENT in tags

    def specification(
        self,
        key: str,
        *types: ResourceTypeType,
        more: Mapping[str, str] | None = None,
    ) -> list[TagSpecificationTypeDef]:
        """The tags of the resource `key`, to be given at its creation."""
        tags = {
            **self.identity,
            DEPLOYMENT: self.deployment,
            RESOURCE: key,
            "Name": f"{self.application}-{self.environment}-{key}",
            **(more or {}),
        }
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        return [{"ResourceType": one, "Tags": pairs} for one in types]  # type: ignore[typeddict-item]


def tags_of(record: Mapping[str, object]) -> dict[str, str]:
    """The tags in AWS's description of a resource."""
    tags = record.get("Tags") or ()
    assert isinstance(tags, Iterable)  # noqa: S101  narrows the type
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}
