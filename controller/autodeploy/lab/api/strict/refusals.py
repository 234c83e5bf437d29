"""What each service says when something goes wrong that has nothing to do with its resources."""

from __future__ import annotations

from autodeploy.lab.api.protocol import Refusal

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
    "unsupported": {
        "rds": Refusal(
            code="InvalidParameterCombination",
            message="RDS does not support creating a DB instance with the following combination: "
            "DBInstanceClass=, Engine=, EngineVersion=.",
        ),
        DEFAULT: Refusal(
            code="Unsupported",
            message="The requested configuration is currently not supported. Please check the "
            "documentation for supported configurations.",
        ),
    },
    "no-capacity": {
        "rds": Refusal(
            code="InsufficientDBInstanceCapacity",
            message="The DB instance class isn't available in that Availability Zone.",
        ),
        "elasticache": Refusal(
            code="InsufficientCacheClusterCapacity",
            message="The requested cache node type is not available in the specified Availability "
            "Zone.",
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
    "elasticache:CreateReplicationGroup": "NodeQuotaForCustomerExceeded",
    "elasticache:CreateCacheSubnetGroup": "CacheSubnetGroupQuotaExceeded",
    "secretsmanager:CreateSecret": "LimitExceededException",
    "acm:RequestCertificate": "LimitExceededException",
}
# Who calls, as AWS would name them.
CALLER = "arn:aws:iam::123456789012:user/lab"


def refusal(action: str, kind: str) -> Refusal:
    """What the service says when that goes wrong."""
    service = action.partition(":")[0]
    if kind == "access-denied":
        return denied(action, "*")
    if kind == "quota":
        code = QUOTAS.get(action, "LimitExceeded")
        return Refusal(code=code, message="The maximum number of these has been reached.")
    said = REFUSALS[kind]
    return said.get(service) or said[DEFAULT]


def denied(action: str, resource: str, encoded: str = "", *, explicit: bool = False) -> Refusal:
    """A service's refusal of a call that its caller may not make.

    Args:
        action: The call that may not be made.
        resource: What it may not be made on.
        encoded: EC2's encoded message.
        explicit: Whether a statement denies it, rather than none allowing it.
    """
    service = action.partition(":")[0]
    why = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    # SNS writes its own name in capitals.
    named = action.replace("sns:", "SNS:")
    who = f"User: {CALLER} is not authorized to perform: {named} on resource: {resource} {why}"
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {who}."
        if encoded:
            message += f" Encoded authorization failure message: {encoded}"
        return Refusal(code="UnauthorizedOperation", message=message, status=403)
    if service in ("secretsmanager", "ssm", "acm"):
        return Refusal(code="AccessDeniedException", message=who, status=400)
    code = "AuthorizationError" if service == "sns" else "AccessDenied"
    return Refusal(code=code, message=who, status=403)
