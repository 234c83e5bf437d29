"""What the lab says of itself."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from pydantic import Field

from autodeploy.contracts import Contract


class LabHost(Contract):
    """One instance with a real host behind it.

    Attributes:
        instance_id: EC2's identifier.
        name: Its tag `Name`, else its identifier.
        address: Its public address; else the private one, which only its VPC reaches.
        private_address: Its address in its subnet.
        state: EC2's word for its state (pending, running, stopping, stopped).
    """

    instance_id: str
    name: str
    address: str
    private_address: str
    state: str


class LabInfo(Contract):
    """The lab as a whole.

    Attributes:
        running: Whether the API answers.
        endpoint_url: The API's address for AWS_ENDPOINT_URL; None while it does not run.
        region: The region whose resources `hosts` are.
        hosts: Every host that is not terminated.
        name_server: Who answers for Route 53's public zones; None while it does not run.
        acme_directory: Where hosts find the ACME authority; None while it does not run.
    """

    running: bool
    endpoint_url: str | None = None
    region: str = "us-east-1"
    hosts: tuple[LabHost, ...] = ()
    name_server: IPv4Address | None = None
    acme_directory: str | None = None


class ApiCall(Contract):
    """One call of the API.

    Attributes:
        action: IAM's name of it, such as `ec2:RunInstances`.
        time: When it was answered, UTC.
        error: AWS's error code; None where it succeeded. `ConnectionCut` where there was no answer.
        parameters: What was asked for, as boto3 takes it, secrets replaced by `***`; nothing where
            the lab does not know the service's language.
        milliseconds: How long the answer took.
        status: HTTP's status; None where there was no answer.
        request_id: What AWS calls the request by.
    """

    action: str
    time: datetime
    error: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    milliseconds: float = 0
    status: int | None = None
    request_id: str | None = None
