"""What AWS says where it denies a call: which action, on what, and which policy lacks it. Pure."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from autodeploy.aws import permissions

ENCODED = re.compile(r"\s*Encoded authorization failure message: (?P<text>[\w+/=-]+)")
DENIED = re.compile(
    r"not authorized to perform: (?P<service>[A-Za-z0-9-]+):(?P<action>[A-Za-z0-9]+)"
    r"(?: on resource: (?P<resource>[^\s,]+))?"
    r"(?:.*?(?:because no (?P<lacking>[a-z -]+? policy|permissions boundary) allows"
    r"|(?P<explicit>explicit deny) in an? (?P<denying>[a-z -]+? policy|permissions boundary)))?",
    re.DOTALL,
)
ROLE = "permission to create service linked role"
IDENTITY = "identity-based policy"


class Denial(NamedTuple):
    """One denial.

    Attributes:
        action: What may not be done: RunInstances can be denied for want of ec2:CreateTags.
        resource: The ARN that it may not be done to; None where AWS does not say.
        policy: The kind of policy that lacks or denies it, in AWS's words.
        explicit: Whether a statement denies it, rather than none allowing it.
    """

    action: str
    resource: str | None = None
    policy: str = IDENTITY
    explicit: bool = False

    @property
    def remediation(self) -> str:
        """What to do, with the one statement that is missing."""
        if self.explicit:
            return (
                f"A statement of a {self.policy} denies it, and no other outweighs that: have it "
                "changed. `autodeploy iam-policy` prints everything that is needed."
            )
        ((sid, line),) = permissions.lines([self.action]).items()
        where = "the identity's policy" if self.policy == IDENTITY else f"the {self.policy}"
        return f"Add to {where} ({sid} in what `autodeploy iam-policy` prints): {line}"


def read(action: str, message: str) -> Denial:
    """The denial that a message tells.

    Args:
        action: The call that was made: what is denied where the message names nothing.
        message: AWS's.
    """
    if ROLE in message:
        return Denial("iam:CreateServiceLinkedRole")
    found = DENIED.search(message)
    if found is None:
        return Denial(action)
    policy = found["denying"] or found["lacking"] or IDENTITY
    resource = found["resource"].rstrip(".") if found["resource"] else None
    # SNS writes its own name in capitals.
    denied = f"{found['service'].lower()}:{found['action']}"
    return Denial(denied, resource, policy, bool(found["explicit"]))


def encoded(message: str) -> str | None:
    """EC2's encoded message in a refusal; None where there is none."""
    found = ENCODED.search(message)
    return found["text"] if found else None


def without_encoded(message: str) -> str:
    """A refusal as people can read it."""
    return ENCODED.sub("", message)


def decoded(denial: Denial, text: str) -> Denial:
    """A denial with what STS's decoding of an encoded message adds; as it was where it is odd."""
    try:
        said = json.loads(text)
        context = said["context"]
        return denial._replace(
            action=str(context["action"]),
            resource=str(context["resource"]),
            explicit=bool(said["explicitDeny"]),
        )
    except (ValueError, KeyError, TypeError):
        return denial
