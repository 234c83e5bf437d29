"""What AWS says → the CloudError tree of `autodeploy.errors`."""

from __future__ import annotations

from autodeploy import errors
from autodeploy.aws import codes, denials, quotas
from autodeploy.aws.codes import Meaning

LONGEST_CAUSE = 600
BY_CODE = {code: meaning for meaning in codes.MEANINGS for code in meaning.codes.split()}
TRANSIENT = frozenset(code for some in codes.TRANSIENT.values() for code in some.split())
GONE = frozenset(code for some in codes.GONE.values() for code in some.split())
OTHER = Meaning(errors.CloudError, "AWS refused {action}", "")
NO_SUCH_TYPE = Meaning(errors.TypeNotOffered, "AWS has no such instance type", "")
NO_SUCH_CLASS = Meaning(
    errors.TypeNotOffered,
    "RDS has no such `database_class` for that engine in the region",
    "",
    "`aws rds describe-orderable-db-instance-options` lists those it has: set another "
    "`database_class` in autodeploy.yml.",
)
OTHER_PROCESSOR = Meaning(
    errors.CloudError,
    "the instance type's processor is not the image's",
    "",
    "Give --arch arm64 for types of Graviton (t4g, m7g), else --arch amd64; or another type.",
)
IN_DELETION = Meaning(errors.SecretInDeletion, "a secret of that name waits for its deletion", "")
OTHER_TOPIC = Meaning(
    errors.NameTaken, "a topic of that name exists that is not this application's", ""
)
NOT_OUR_ROLE = BY_CODE["AccessDenied"]
BY_MESSAGE = (
    ("InvalidParameterValue", "for InstanceType", NO_SUCH_TYPE),
    ("InvalidParameterValue", "instance type does not match the architecture", OTHER_PROCESSOR),
    ("InvalidParameterValue", denials.ROLE, NOT_OUR_ROLE),
    ("InvalidParameter", "already exists with different", OTHER_TOPIC),
    ("InvalidParameterCombination", "DBInstanceClass=", NO_SUCH_CLASS),
    ("InvalidRequestException", "scheduled for deletion", IN_DELETION),
    ("InvalidRequestException", "marked for deletion", IN_DELETION),
    ("InvalidRequestException", "marked deleted", IN_DELETION),
)
"""Codes that mean something only with a part of their message."""


def refused(action: str, code: str, message: str) -> errors.CloudError:
    """The error for an answer that says no.

    Args:
        action: The call, such as `ec2:RunInstances`.
        code: AWS's error code.
        message: AWS's message; only its beginning is kept.
    """
    meaning = _meaning(code, message)
    if meaning.error is errors.AccessDenied:
        return denied(denials.read(action, message), code, message)
    if meaning is OTHER and quotas.is_quota(code):
        return reached(quotas.reached(action, code), action, code, message)
    return meaning.error(
        meaning.message.format(action=action),
        cause=_cause(code, message),
        action=action,
        code=code,
        remediation=meaning.remediation,
    )


def _meaning(code: str, message: str) -> Meaning:
    for one, part, meaning in BY_MESSAGE:
        if code == one and part in message:
            return meaning
    return BY_CODE.get(code, OTHER)


def denied(denial: denials.Denial, code: str, message: str) -> errors.AccessDenied:
    """The error for a denial."""
    on = f" on {denial.resource}" if denial.resource not in {None, "*"} else ""
    return errors.AccessDenied(
        f"the identity may not call {denial.action}{on}",
        cause=_cause(code, denials.without_encoded(message)),
        action=denial.action,
        code=code,
        remediation=denial.remediation,
    )


def reached(
    quota: quotas.Quota | None, action: str, code: str, message: str, value: float | None = None
) -> errors.QuotaExceeded:
    """The error for a quota; with its value where that is known."""
    named = f"{quota.name}, {quota.code}" if quota else "it is named below"
    present = f": it is {value:g}" if value is not None else ""
    return errors.QuotaExceeded(
        f"a quota of the account is reached ({named}){present}",
        cause=_cause(code, message),
        action=action,
        code=code,
        remediation=quota.remediation if quota else None,
    )


def _cause(code: str, message: str) -> str:
    return f"{code}: {message}"[:LONGEST_CAUSE]


def is_transient(error: BaseException) -> bool:
    """Whether the same call may well succeed later: no answer, throttled, or AWS's own fault."""
    if isinstance(error, errors.EndpointUnreachable | errors.Throttled):
        return True
    return isinstance(error, errors.CloudError) and error.code in TRANSIENT


def is_gone(error: BaseException) -> bool:
    """Whether AWS says that the resource does not exist."""
    if not isinstance(error, errors.CloudError) or error.code is None:
        return False
    no_record = error.code == "InvalidChangeBatch" and "not found" in (error.cause or "")
    return error.code in GONE or error.code.endswith(".NotFound") or no_record
