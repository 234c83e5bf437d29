"""The topic to which alarms say that they go off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.aws.grants import MANAGER
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site
from autodeploy.provisioner.owner import Owner

TOPIC = "alarm-topic"
"""Made before everything that belongs to alarms, and the last of it to go.

Where it is not, no alarm and no subscription need be looked for.
"""


@dataclass(frozen=True)
class Topic(Desired):
    """A topic of SNS's that this account's services may publish to, as SNS makes it by itself.

    It is not encrypted: CloudWatch may not use SNS's default key, and alarms hold no secret.
    """

    type = "AWS::SNS::Topic"
    id_field = "TopicArn"

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired. Its name is known, and so its ARN is: no list is gone through."""
        arn = _arn(look.cloud, look.owner)
        try:
            tags = look.cloud.sns().list_tags_for_resource(ResourceArn=arn)["Tags"]
        except CloudError as error:
            if not is_gone(error):
                raise
            return ()
        return [{cls.id_field: arn, "Tags": tags}]

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired. The same call with the same tags gives the same topic."""
        intend()
        tags: Any = site.owner.tags(self.key)
        answer = site.cloud.sns().create_topic(Name=topic_name(site.owner), Tags=tags)
        return self.found({**answer, "Tags": tags})

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. Subscriptions go with it, also those that nobody has confirmed."""
        cloud.sns().delete_topic(TopicArn=found.id)


def topic_name(owner: Owner) -> str:
    """Its name in SNS: the policy of `iam-policy` knows such names by their beginning."""
    return f"{MANAGER}-{owner.short_name}"


def _arn(cloud: Cloud, owner: Owner) -> str:
    who = cloud.identity()
    return f"arn:{who.partition}:sns:{cloud.region}:{who.account}:{topic_name(owner)}"
