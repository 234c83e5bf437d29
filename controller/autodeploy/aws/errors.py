"""What AWS says → the CloudError tree of `autodeploy.errors`. Its codes are known here only."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ConnectionError,  # noqa: A004  botocore's own
    HTTPClientError,
    NoRegionError,
    ProfileNotFound,
)

from autodeploy import errors

LONGEST_CAUSE = 600
CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    }
)
CAPACITY = frozenset(
    {
        "InsufficientCapacity",
        "InsufficientHostCapacity",
        "InsufficientInstanceCapacity",
        "InsufficientReservedInstanceCapacity",
        "Unsupported",
    }
)
QUOTA = frozenset(
    {"AddressLimitExceeded", "MaxSpotInstanceCountExceeded", "ServiceQuotaExceededException"}
)
TRANSIENT = frozenset(
    {
        "EC2ThrottledException",
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "Unavailable",
    }
)
TAKEN = (
    "Something of that name exists that is not tagged as this application's: delete or rename it, "
    "or deploy under another --name."
)
REMEDIATIONS = {
    "DBInstanceAlreadyExists": TAKEN,
    "DBSubnetGroupAlreadyExists": TAKEN,
    "ResourceExistsException": TAKEN,
    "InvalidKeyPair.Duplicate": "A key pair of that name exists that is not tagged as this "
    "application's: delete or rename it, or deploy under another --name.",
    "InvalidParameterValue": "Check `instance_type` and `image` in autodeploy.yml.",
    "ParameterNotFound": "AWS does not publish that image in this region: try another `image`.",
}


def refused(action: str, code: str, message: str) -> errors.CloudError:
    """The error for an answer that says no.

    Args:
        action: The call, such as `ec2:RunInstances`.
        code: AWS's error code.
        message: AWS's message; only its beginning is kept.
    """
    cause = f"{code}: {message}"[:LONGEST_CAUSE]
    if code in DENIED:
        named = _denied_action(message) or action
        sentence = f"the identity may not call {named}"
        return errors.AccessDenied(sentence, cause=cause, action=named, code=code)
    kind = _class_of(code)
    return kind(
        f"AWS refused {action}",
        cause=cause,
        action=action,
        code=code,
        remediation=REMEDIATIONS.get(code),
    )


def _class_of(code: str) -> type[errors.CloudError]:
    if code in CREDENTIALS:
        return errors.CredentialsMissing
    if code in CAPACITY:
        return errors.CapacityMissing
    if code in QUOTA or (code.endswith("LimitExceeded") and code not in TRANSIENT):
        return errors.QuotaExceeded
    return errors.CloudError


def _denied_action(message: str) -> str | None:
    """The action that AWS names: RunInstances can be denied for want of ec2:CreateTags."""
    named = re.search(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)", message)
    return named.group(1) if named else None


def failed(action: str | None, error: Exception) -> errors.CloudError:
    """The error for a call that got no answer, or could not be made."""
    if isinstance(error, ConnectionError | HTTPClientError):
        return errors.EndpointUnreachable(
            "AWS's API did not answer", cause=str(error)[:LONGEST_CAUSE], action=action
        )
    if isinstance(error, NoRegionError):
        return errors.CloudError(
            "no region is known",
            action=action,
            remediation="Give --region, or set AWS_REGION or a region in ~/.aws/config.",
        )
    if isinstance(error, ProfileNotFound) or _is_about_credentials(error):
        return errors.CredentialsMissing(
            "there are no AWS credentials to use", cause=str(error), action=action
        )
    return errors.CloudError(
        "AWS could not be called", cause=f"{type(error).__name__}: {error}", action=action
    )


def _is_about_credentials(error: Exception) -> bool:
    """The libraries below have a dozen such classes without a common base; their names agree."""
    words = ("Credential", "SSO", "Token", "Login")
    return isinstance(error, BotoCoreError) and any(w in type(error).__name__ for w in words)


def is_transient(error: BaseException) -> bool:
    """Whether the same call may well succeed later: no answer, throttled, or AWS's own fault."""
    if isinstance(error, errors.EndpointUnreachable):
        return True
    return isinstance(error, errors.CloudError) and error.code in TRANSIENT


def is_gone(error: BaseException) -> bool:
    """Whether AWS says that the resource does not exist."""
    said = (isinstance(error, errors.CloudError) and error.code) or ""
    return said.endswith(("NotFound", "NotFoundFault", "NotFoundException"))
