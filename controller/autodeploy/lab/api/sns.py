"""SNS whose mail is confirmed, or not, as people do: with the token that the mail has."""

from __future__ import annotations

import uuid
from typing import Any

from moto.sns.exceptions import SNSInvalidParameter, SNSNotFoundError
from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends
from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account

MAIL = frozenset({"email", "email-json"})
PENDING = "PendingConfirmation"


class LabSNSBackend(SNSBackend):
    """An SNS in which subscriptions of mail wait for their confirmation.

    Attributes:
        tokens: What the mails say that nobody has confirmed, by the subscriptions' true ARNs.
    """

    __module__ = SNSBackend.__module__  # moto finds a service's urls beside it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tokens: dict[str, str] = {}

    def create_topic(
        self,
        name: str,
        attributes: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> Topic:
        """Make a topic, or give the one of that name where its tags are those."""
        made = super().create_topic(name, attributes, tags)
        if tags and made._tags != tags:  # noqa: SLF001  moto's only view
            raise SNSInvalidParameter(
                "Invalid parameter: Tags Reason: Topic already exists with different tags"
            )
        return made

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        """Subscribe; mail goes to nobody before it is confirmed."""
        known = set(self.subscriptions)
        made = super().subscribe(topic_arn, endpoint, protocol)
        if protocol in MAIL and known != set(self.subscriptions):
            self.tokens[made.arn] = uuid.uuid4().hex
            made.arn = PENDING
        return made

    def list_subscriptions_by_topic(
        self, topic_arn: str, next_token: str | None = None
    ) -> tuple[list[Subscription], int | None]:
        """All of a topic's: moto tells those apart by the ARNs that they show."""
        topic = self.get_topic(topic_arn)
        found = {key: one for key, one in self.subscriptions.items() if one.topic is topic}
        return self._get_values_nexttoken(found, next_token)

    def unsubscribe(self, subscription_arn: str) -> None:
        """End a subscription; one that is pending has no name to do it by."""
        if not subscription_arn.startswith("arn:"):
            raise SNSInvalidParameter(
                "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, "
                f"not {subscription_arn.count(':') + 1}"
            )
        super().unsubscribe(subscription_arn)

    def delete_topic_subscriptions(self, topic: Topic) -> None:
        """They go with their topic, and so do their mails."""
        super().delete_topic_subscriptions(topic)
        self.tokens = {arn: one for arn, one in self.tokens.items() if arn in self.subscriptions}

    def confirm(self, topic_arn: str, token: str) -> str:
        """Confirm the subscription whose mail has the token; its ARN."""
        if topic_arn not in self.topics:
            raise SNSNotFoundError("Topic does not exist")
        for arn, one in self.tokens.items():
            if one == token and arn.startswith(f"{topic_arn}:"):
                del self.tokens[arn]
                self.subscriptions[arn].arn = arn
                return arn
        raise SNSInvalidParameter("Invalid parameter: Token")


def confirmation(call: Call, following: Next) -> Response:
    """The layer that answers ConfirmSubscription: moto confirms whatever it is told."""
    if call.action != "sns:ConfirmSubscription":
        return following(call)
    asked, backend = protocol.parameters(call), Account.of(call).sns
    try:
        arn = backend.confirm(asked["TopicArn"], asked["Token"])
    except (SNSInvalidParameter, SNSNotFoundError) as error:
        return protocol.refuse(call, Refusal(code=error.code, message=error.message))
    return protocol.answer(call, {"SubscriptionArn": arn})


def mails() -> list[dict[str, Any]]:
    """What AWS would have sent and nobody has confirmed: to whom, of which topic, which token."""
    backends: list[Any] = [backend for _, _, backend in sns_backends.iter_backends()]
    return [
        {"to": one.endpoint, "topic": one.topic.arn, "token": backend.tokens[arn]}
        for backend in backends
        for arn, one in backend.subscriptions.items()
        if arn in backend.tokens
    ]


def install() -> None:
    """Make moto serve this backend; before its first call only."""
    sns_backends.backend = LabSNSBackend
