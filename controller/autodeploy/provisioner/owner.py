"""Whose a resource is: the tags that say it, and how to ask for them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from autodeploy.aws.grants import MANAGED, MANAGER
from autodeploy.contracts import Contract

if TYPE_CHECKING:
    from types_boto3_ec2.literals import ResourceTypeType
    from types_boto3_ec2.type_defs import FilterTypeDef, TagSpecificationTypeDef

RESOURCE = "autodeploy:resource"
DEPLOYMENT = "autodeploy:deployment"
SHORT = 32
DIGEST = 8


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
    def short_name(self) -> str:
        """At most 32 letters, digits and single hyphens; a digest tells owners apart."""
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:DIGEST]
        words = re.sub("-+", "-", f"{self.application}-{self.environment}")
        return f"{words[: SHORT - DIGEST - 1].rstrip('-')}-{digest}"

    @property
    def identity(self) -> dict[str, str]:
        """The tags that all resources of the application share, whatever the deployment."""
        return {
            MANAGED: MANAGER,
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
        """The tags of the resource `key`, as EC2 takes them at its creation."""
        pairs = self.tags(key, more)
        return [{"ResourceType": one, "Tags": pairs} for one in types]  # type: ignore[typeddict-item]

    def tags(self, key: str, more: Mapping[str, str] | None = None) -> list[dict[str, str]]:
        """The tags of the resource `key`, as all other services take them."""
        tags = {
            **self.identity,
            DEPLOYMENT: self.deployment,
            RESOURCE: key,
            "Name": f"{self.application}-{self.environment}-{key}",
            **(more or {}),
        }
        return [{"Key": name, "Value": value} for name, value in tags.items()]


def tags_of(record: Mapping[str, object]) -> dict[str, str]:
    """The tags in AWS's description of a resource; RDS calls their list by another name."""
    tags = record.get("Tags") or record.get("TagList") or ()
    assert isinstance(tags, Iterable)  # noqa: S101  narrows the type
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}
