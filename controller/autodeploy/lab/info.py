"""What the lab says of itself."""

from __future__ import annotations

from datetime import datetime

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
    """

    running: bool
    endpoint_url: str | None = None
    region: str = "us-east-1"
    hosts: tuple[LabHost, ...] = ()


class ApiCall(Contract):
    """One call of the API.

    Attributes:
        action: IAM's name of it, such as `ec2:RunInstances`.
        time: When it was answered, UTC.
        error: AWS's error code; None where it succeeded.
    """

    action: str
    time: datetime
    error: str | None = None
