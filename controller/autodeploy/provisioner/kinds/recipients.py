"""Who gets a mail when an alarm goes off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.topic import TOPIC

RECIPIENTS = "alarm-recipients"
PROTOCOL = "email"
PENDING, ENDED = "PendingConfirmation", "Deleted"


@dataclass(frozen=True)
class Recipients(Desired):
    """Exactly these addresses get a topic's mail; AWS knows them by the topic's identifier.

    Each must confirm a mail of AWS's. Until then its subscription has no identifier, so nobody can
    end it; it ends by itself after two days. Subscriptions that are no mail are not looked at.

    Attributes:
        addresses: Where the mail goes.
    """

    type = "AWS::SNS::Subscription"
    id_field = "TopicArn"
    wave = 1
    addresses: tuple[str, ...]

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:  # noqa: ARG003
        """See Desired. A topic has one set of recipients."""
        return RECIPIENTS

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        topic = look.ids.get(TOPIC)
        if topic is None:
            return ()
        return [{cls.id_field: topic, "Addresses": subscribed(look.cloud, topic)}]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:  # noqa: ARG003
        """See Desired. Our topic's recipients are ours to say."""
        return True

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:
        """See Desired. A topic without recipients has no such resource."""
        return bool(record["Addresses"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (TOPIC,)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        for one in self.addresses:
            _subscribe(site, one)
        topic = site.ids[TOPIC]
        return self.found({self.id_field: topic, "Addresses": subscribed(site.cloud, topic)})

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        topic = ids.get(TOPIC)
        known = found.record["Addresses"] if found.id == topic else {}
        steps = [
            Step(f"has not {one}", partial(_subscribe, address=one))
            for one in self.addresses
            if one not in known
        ]
        steps += [
            Step(f"has {one}, which nothing asks for", partial(_unsubscribe, arn=arn))
            for one, arn in known.items()
            if one not in self.addresses and arn != PENDING
        ]
        return steps

    def drift(self, found: Found) -> str | None:
        """See Desired."""
        known = found.record["Addresses"]
        silent = [one for one in self.addresses if known.get(one) == PENDING]
        if not silent:
            return None
        return f"no mail goes to {', '.join(silent)} before the link in AWS's mail is followed"

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired. Nobody waits for people: who has not confirmed is told."""
        topic = site.ids[TOPIC]
        record = {self.id_field: topic, "Addresses": subscribed(site.cloud, topic)}
        return replace(found, id=topic, record=record)

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        for arn in found.record["Addresses"].values():
            if arn != PENDING:
                cloud.sns().unsubscribe(SubscriptionArn=arn)


def subscribed(cloud: Cloud, topic: str) -> dict[str, str]:
    """Each address of a topic's, and its subscription's ARN or that it is pending."""
    pages = cloud.sns().get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return {
        one["Endpoint"]: one["SubscriptionArn"]
        for page in pages
        for one in page["Subscriptions"]
        if one["Protocol"] == PROTOCOL and one["SubscriptionArn"] != ENDED
    }


def _subscribe(site: Site, address: str) -> None:
    """Ask AWS to send the mail that is to be confirmed; who is subscribed stays so."""
    topic = site.ids[TOPIC]
    site.cloud.sns().subscribe(TopicArn=topic, Protocol=PROTOCOL, Endpoint=address)


def _unsubscribe(site: Site, arn: str) -> None:
    site.cloud.sns().unsubscribe(SubscriptionArn=arn)
