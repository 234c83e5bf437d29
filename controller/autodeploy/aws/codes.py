"""AWS's error codes: what each means. The only place that knows them; data, no decisions."""

from __future__ import annotations

from typing import NamedTuple

from autodeploy import errors


class Meaning(NamedTuple):
    """What some of AWS's codes mean.

    Attributes:
        error: Our class of it.
        message: What happened; `{action}` stands for the call.
        codes: AWS's codes, with spaces between.
        remediation: What to do; None for what the class says.
    """

    error: type[errors.CloudError]
    message: str
    codes: str
    remediation: str | None = None


MEANINGS = (
    Meaning(
        errors.CredentialsMissing,
        "there are no AWS credentials to use",
        "MissingAuthenticationToken MissingAuthenticationTokenException",
    ),
    Meaning(
        errors.CredentialsExpired,
        "the AWS credentials have expired",
        "ExpiredToken ExpiredTokenException RequestExpired",
    ),
    Meaning(
        errors.CredentialsRefused,
        "AWS does not accept the credentials",
        "AuthFailure IncompleteSignature InvalidAccessKeyId InvalidClientTokenId InvalidSignature "
        "InvalidSignatureException NotAuthorizedException SignatureDoesNotMatch "
        "UnrecognizedClientException",
    ),
    Meaning(
        errors.AccessDenied,
        "the identity may not call {action}",
        "AccessDenied AccessDeniedException AuthorizationError UnauthorizedAccess "
        "UnauthorizedOperation",
    ),
    Meaning(
        errors.RegionUnavailable,
        "the region is not enabled for the account",
        "OptInRequired RegionDisabledException",
    ),
    Meaning(
        errors.EndpointWrong,
        "what answers {action} is not AWS's API, or something on the way refuses it",
        "400 401 403 404 405 407",
    ),
    Meaning(
        errors.Throttled,
        "AWS has had too many calls: {action} was refused after many pauses",
        "EC2ThrottledException RequestLimitExceeded RequestThrottled RequestThrottledException "
        "SlowDown ThrottledException Throttling ThrottlingException TooManyRequestsException",
    ),
    Meaning(
        errors.CapacityMissing,
        "AWS has no such instance to give now",
        "InsufficientCapacity InsufficientHostCapacity InsufficientInstanceCapacity "
        "InsufficientReservedInstanceCapacity",
    ),
    Meaning(
        errors.CapacityMissing,
        "AWS has no such database instance to give now",
        "InsufficientDBInstanceCapacity",
        "Set another `database_class` in autodeploy.yml, or try again later.",
    ),
    Meaning(
        errors.CapacityMissing,
        "AWS has no such node of Redis to give now",
        "InsufficientCacheClusterCapacity",
        "Set another `cache_type` in autodeploy.yml, or try again later.",
    ),
    Meaning(
        errors.TypeNotOffered,
        "the zone or the region has no such instance type",
        "InvalidInstanceType InvalidInstanceType.NotFound Unsupported",
    ),
    Meaning(
        errors.ImageGone,
        "AWS has no such image",
        "InvalidAMIID.Malformed InvalidAMIID.NotFound InvalidAMIID.Unavailable ParameterNotFound",
    ),
    Meaning(
        errors.RangesOverlap,
        "the addresses of a subnet are in use",
        "InvalidSubnet.Conflict InvalidVpc.Range VpcCidrConflict",
    ),
    Meaning(
        errors.NameTaken,
        "a key pair of that name exists that is not this application's",
        "InvalidKeyPair.Duplicate",
    ),
    Meaning(
        errors.NameTaken,
        "a security group of that name exists that is not this application's",
        "InvalidGroup.Duplicate",
    ),
    Meaning(
        errors.NameTaken,
        "a database, or a part of one, of that name exists that is not this application's",
        "DBInstanceAlreadyExists DBParameterGroupAlreadyExists DBSubnetGroupAlreadyExists",
    ),
    Meaning(
        errors.NameTaken,
        "a Redis, or a part of one, of that name exists that is not this application's",
        "CacheSubnetGroupAlreadyExists ReplicationGroupAlreadyExists",
    ),
    Meaning(
        errors.NameTaken,
        "a snapshot of that name exists already",
        "DBSnapshotAlreadyExists",
        "Delete or rename the snapshot, then try again.",
    ),
    Meaning(
        errors.NameTaken,
        "a load balancer or a target group of that name exists that is not this application's",
        "DuplicateLoadBalancerName DuplicateTargetGroupName",
    ),
    Meaning(
        errors.NameTaken,
        "the load balancer has a listener on that port that is not this application's",
        "DuplicateListener",
        "Delete that listener, then deploy again.",
    ),
    Meaning(
        errors.NameTaken,
        "a secret of that name exists that is not this application's",
        "ResourceExistsException",
    ),
    Meaning(
        errors.CloudError,
        "there is no such bucket",
        "NoSuchBucket",
        "Make it first (`aws s3 mb s3://BUCKET`), or mend --state or AUTODEPLOY_STATE.",
    ),
    Meaning(
        errors.CloudError,
        "the encryption key cannot be used",
        "KMSKeyNotAccessibleFault",
        "The account's default key is one of its own: the identity needs kms:CreateGrant, "
        "kms:Decrypt, kms:DescribeKey and kms:GenerateDataKeyWithoutPlaintext on it.",
    ),
)
TRANSIENT = {
    "all": "InternalFailure RequestTimeout RequestTimeoutException ServiceUnavailable",
    "ec2": "InternalError Unavailable",
    "elbv2": "PriorRequestNotComplete",
    "secretsmanager": "InternalServiceError",
    "sns": "ConcurrentAccess InternalError",
    "cloudwatch": "ConcurrentModification ConcurrentModificationException InternalServiceFault",
    "acm": "InternalServerException",
    "ssm": "InternalServerError",
    "route53": "PriorRequestNotComplete",
    "service-quotas": "ServiceException",
    "iam": "ConcurrentModification EntityTemporarilyUnmodifiable ServiceFailure",
    "HTTP, where the answer has no code": "500 502 503 504",
}
"""AWS's own faults, and what stands in the way for a moment; throttling is a class of ours."""
GONE = {
    "ec2": "NatGatewayNotFound",
    "rds": "DBInstanceNotFound DBParameterGroupNotFound DBSnapshotNotFound "
    "DBSubnetGroupNotFoundFault",
    "elasticache": "CacheClusterNotFound CacheSubnetGroupNotFoundFault "
    "ReplicationGroupNotFoundFault",
    "elbv2": "ListenerNotFound LoadBalancerNotFound RuleNotFound TargetGroupNotFound",
    "secretsmanager": "ResourceNotFoundException",
    "acm": "ResourceNotFoundException",
    "sns": "NotFound ResourceNotFound",
    "cloudwatch": "ResourceNotFound",
    "route53": "NoSuchChange NoSuchHostedZone",
    "iam": "NoSuchEntity",
}
"""What is not there, where the code does not end as EC2's do: `.NotFound`."""
