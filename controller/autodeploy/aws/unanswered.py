"""What botocore says where it has no answer of AWS's → the CloudError tree of `autodeploy.errors`.

Apart from `errors`, so that botocore is imported only where AWS is called.
"""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own
    EndpointProviderError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    InvalidRegionError,
    NoRegionError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from autodeploy import errors
from autodeploy.aws.errors import BY_CODE, LONGEST_CAUSE, OTHER

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""What botocore raises where it has no answer to a call; ClientError is an answer to one of its
own, made to have credentials."""
BROKEN_OFF = (HTTPClientError, IncompleteReadError, FlexibleChecksumError, HTTPError)
"""What reading an object raises where not all of it arrives, or not as it was sent."""
EXPIRED = ("LoginRefreshRequired", "RefreshWithMFAUnsupportedError", "SSOToken", "TokenRetrieval")
ABOUT_CREDENTIALS = ("Credential", "SSO", "Token", "Login", "Refresh")
"""Parts of botocore's names: its dozen such classes have no common base."""


def failed(action: str | None, error: Exception) -> errors.CloudError:
    """The error for a call that got no answer, or could not be made."""
    kind, message, remediation = _failure(error)
    cause = str(error) if isinstance(error, BotoCoreError | ClientError) else repr(error)
    return kind(message, cause=cause[:LONGEST_CAUSE], action=action, remediation=remediation)


def _failure(error: Exception) -> tuple[type[errors.CloudError], str, str | None]:
    if isinstance(error, (ConnectionError, *BROKEN_OFF)):
        return errors.EndpointUnreachable, "AWS's API did not answer", None
    if isinstance(error, NoRegionError):
        hint = "Give --region, or set AWS_DEFAULT_REGION or a region in ~/.aws/config."
        return errors.RegionUnavailable, "no region is known", hint
    if isinstance(error, InvalidRegionError):
        return errors.RegionUnavailable, "there is no region of that name", None
    if isinstance(error, ResponseParserError | EndpointProviderError | ValueError):
        return errors.EndpointWrong, "that is no endpoint of AWS's API", None
    if isinstance(error, ProfileNotFound):
        hint = "`aws configure list-profiles` lists those there are: give one as --profile."
        return errors.CredentialsMissing, "there is no such AWS profile", hint
    return _about_credentials(error)


def _about_credentials(error: Exception) -> tuple[type[errors.CloudError], str, None]:
    """What went wrong where credentials were to be had: SSO, a role, a process, a file."""
    name = type(error).__name__
    response = error.response if isinstance(error, ClientError) else {}
    said = BY_CODE.get(str(response.get("Error", {}).get("Code")), OTHER)
    if said.error is errors.CredentialsExpired:
        return errors.CredentialsExpired, said.message, None
    if any(part in name for part in EXPIRED):
        return errors.CredentialsExpired, "the AWS login has expired or was never made", None
    if isinstance(error, ClientError) or name == "CredentialRetrievalError":
        return errors.CredentialsRefused, "AWS gives no credentials for the profile", None
    if any(part in name for part in ABOUT_CREDENTIALS):
        return errors.CredentialsMissing, "there are no AWS credentials to use", None
    return errors.CloudError, "AWS could not be called", None
