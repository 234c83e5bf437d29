"""The layer in which calls go wrong, where that was asked for."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import random
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, ConnectionCut, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DEFAULT = ""
# By kind and IAM's prefix of the service; who has no words of its own has the common ones.
REFUSALS: dict[str, dict[str, Refusal]] = {
    "throttling": {
        "ec2": Refusal(code="RequestLimitExceeded", message="Request limit exceeded.", status=503),
        "secretsmanager": Refusal(code="ThrottlingException", message="Rate exceeded"),
        "ssm": Refusal(code="ThrottlingException", message="Rate exceeded"),
        "acm": Refusal(code="ThrottlingException", message="Rate exceeded"),
        DEFAULT: Refusal(code="Throttling", message="Rate exceeded"),
    },
    "internal-error": {
        "ec2": Refusal(code="InternalError", message="An internal error has occurred", status=500),
        "ssm": Refusal(code="InternalServerError", message="Internal server error", status=500),
        "secretsmanager": Refusal(
            code="InternalServiceError", message="Internal service error", status=500
        ),
        DEFAULT: Refusal(code="InternalFailure", message="Internal failure", status=500),
    },
    "unavailable": {
        "ec2": Refusal(
            code="Unavailable", message="The service is unavailable. Please try again.", status=503
        ),
        DEFAULT: Refusal(code="ServiceUnavailable", message="Service is unavailable", status=503),
    },
    "expired-credentials": {
        "ec2": Refusal(code="RequestExpired", message="Request has expired.", status=400),
        "secretsmanager": Refusal(
            code="ExpiredTokenException", message="The security token has expired", status=400
        ),
        "ssm": Refusal(
            code="ExpiredTokenException", message="The security token has expired", status=400
        ),
        "acm": Refusal(
            code="ExpiredTokenException", message="The security token has expired", status=400
        ),
        DEFAULT: Refusal(code="ExpiredToken", message="The security token has expired", status=403),
    },
    "no-capacity": {
        "rds": Refusal(
            code="InsufficientDBInstanceCapacity",
            message="The DB instance class isn't available in that Availability Zone.",
        ),
        DEFAULT: Refusal(
            code="InsufficientInstanceCapacity",
            message="We currently do not have sufficient capacity in the Availability Zone you "
            "requested.",
            status=500,
        ),
    },
}
QUOTAS = {
    "ec2:RunInstances": "InstanceLimitExceeded",
    "ec2:CreateVpc": "VpcLimitExceeded",
    "ec2:CreateSubnet": "SubnetLimitExceeded",
    "ec2:CreateInternetGateway": "InternetGatewayLimitExceeded",
    "ec2:CreateRouteTable": "RouteTableLimitExceeded",
    "ec2:CreateRoute": "RouteLimitExceeded",
    "ec2:CreateSecurityGroup": "SecurityGroupLimitExceeded",
    "ec2:AuthorizeSecurityGroupIngress": "RulesPerSecurityGroupLimitExceeded",
    "ec2:AllocateAddress": "AddressLimitExceeded",
    "ec2:CreateNatGateway": "NatGatewayLimitExceeded",
    "ec2:CreateVolume": "VolumeLimitExceeded",
    "elasticloadbalancing:CreateLoadBalancer": "TooManyLoadBalancers",
    "elasticloadbalancing:CreateTargetGroup": "TooManyTargetGroups",
    "elasticloadbalancing:CreateListener": "TooManyListeners",
    "rds:CreateDBInstance": "InstanceQuotaExceeded",
    "rds:CreateDBSnapshot": "SnapshotQuotaExceeded",
    "rds:CreateDBSubnetGroup": "DBSubnetGroupQuotaExceeded",
    "secretsmanager:CreateSecret": "LimitExceededException",
    "acm:RequestCertificate": "LimitExceededException",
}
# Who calls, as AWS would name them.
CALLER = "arn:aws:iam::123456789012:user/lab"


class _Planned:
    """A fault and how often it was met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._met = 0
        self._done = 0
        self._dice = random.Random(fault.seed)  # noqa: S311  no secret depends on it

    def strikes(self, action: str) -> bool:
        fault = self.fault
        if not fnmatch.fnmatchcase(action.lower(), fault.action.lower()):
            return False
        self._met += 1
        rolled = fault.probability is None or self._dice.random() < fault.probability
        chosen = rolled and fault.nth in (None, self._met)
        if not chosen or (fault.times is not None and self._done >= fault.times):
            return False
        self._done += 1
        return True


class Faults:
    """The layer in which calls go wrong; in front of everything that carries them out."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered, refuse it, or cut its connection.

        Raises:
            ConnectionCut: The caller is to get no answer.
        """
        with self._lock:  # every fault that matches counts the call, the first that strikes is met
            striking = [one.fault for one in self._planned if one.strikes(call.action)]
        if not striking:
            return following(call)
        kind = striking[0].kind
        if kind == "dropped-response":
            following(call)
            _hang_up(call.environ)
            raise ConnectionCut(kind)
        if kind == "connection-reset":
            _reset(call.environ)
            raise ConnectionCut(kind)
        return protocol.refuse(call, refusal(call.action, kind))

    def add(self, said: Any) -> list[dict[str, Any]]:
        """Plan a fault; every fault that is planned now.

        Raises:
            BadRequest: That is no fault.
        """
        try:
            fault = Fault.model_validate(said)
        except ValidationError as error:
            raise BadRequest(str(error)) from error
        with self._lock:
            self._planned.append(_Planned(fault))
        return self.listing()

    def listing(self) -> list[dict[str, Any]]:
        """Every fault that is planned, as JSON has it."""
        with self._lock:
            return [one.fault.model_dump(mode="json") for one in self._planned]

    def clear(self) -> None:
        """Plan none."""
        with self._lock:
            self._planned.clear()


def refusal(action: str, kind: str) -> Refusal:
    """What the service says when that goes wrong."""
    service = action.partition(":")[0]
    if kind == "access-denied":
        return denied(action, "no identity-based policy allows the action")
    if kind == "quota":
        code = QUOTAS.get(action, "LimitExceeded")
        return Refusal(code=code, message="The maximum number of these has been reached.")
    said = REFUSALS[kind]
    return said.get(service) or said[DEFAULT]


def denied(action: str, why: str, encoded: str = "") -> Refusal:
    """A service's refusal of a call that its caller may not make.

    Args:
        action: The call that may not be made.
        why: The rest of the sentence after "because".
        encoded: EC2's encoded message.
    """
    service = action.partition(":")[0]
    who = f"User: {CALLER} is not authorized to perform: {action} because {why}"
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {who}."
        if encoded:
            message += f" Encoded authorization failure message: {encoded}"
        return Refusal(code="UnauthorizedOperation", message=message, status=403)
    if service in ("secretsmanager", "ssm", "acm"):
        return Refusal(code="AccessDeniedException", message=who, status=400)
    return Refusal(code="AccessDenied", message=who, status=403)


def _reset(environ: WSGIEnvironment) -> None:
    """Make the kernel answer with RST: closed without lingering, nothing is said in between."""
    with contextlib.suppress(OSError, KeyError):
        connection: socket.socket = environ["werkzeug.socket"]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())


def _hang_up(environ: WSGIEnvironment) -> None:
    """End the connection; werkzeug would keep it for the caller's next request."""
    with contextlib.suppress(OSError, KeyError):
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
