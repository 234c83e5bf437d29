"""What a failure leaves open and a further call can tell; where that fails too, it stays open."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from autodeploy.aws import denials, errors, quotas
from autodeploy.errors import (
    AccessDenied,
    CloudError,
    EndpointUnreachable,
    QuotaExceeded,
    RegionUnavailable,
)

if TYPE_CHECKING:
    from autodeploy.aws.cloud import Cloud


def refused(cloud: Cloud, action: str, code: str, message: str) -> CloudError:
    """The error for an answer that says no, with all that can be known of it."""
    error = errors.refused(action, code, message)
    try:
        if isinstance(error, AccessDenied):
            return _decoded(cloud, action, code, message) or error
        if isinstance(error, QuotaExceeded):
            return _valued(cloud, action, code, message) or error
    except CloudError:
        pass
    return error


def _decoded(cloud: Cloud, action: str, code: str, message: str) -> CloudError | None:
    """EC2 keeps a part of what it knows in a message that STS decodes."""
    encoded = denials.encoded(message)
    if encoded is None:
        return None
    text = cloud.sts().decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    return errors.denied(denials.decoded(denials.read(action, message), text), code, message)


def _valued(cloud: Cloud, action: str, code: str, message: str) -> CloudError | None:
    quota = quotas.reached(action, code)
    if quota is None:
        return None
    return errors.reached(quota, action, code, message, quotas.value(cloud, quota))


def failed(cloud: Cloud, action: str, error: Exception) -> CloudError:
    """The error for a call that got no answer: a region that nobody knows has no endpoint."""
    from autodeploy.aws import unanswered

    ours = unanswered.failed(action, error)
    if cloud.endpoint_url or not isinstance(ours, EndpointUnreachable):
        return ours
    known = cloud.known_regions()
    if cloud.region in known:
        return ours
    near = difflib.get_close_matches(cloud.region, known, 1)
    return RegionUnavailable(
        f"{cloud.region} is no region that is known here",
        cause=ours.cause,
        action=action,
        remediation=f"Did you mean --region {near[0]}?" if near else None,
    )
