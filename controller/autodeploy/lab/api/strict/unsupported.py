"""The layer that says so, in AWS's form, where moto cannot answer: an unknown filter, a bug."""

from __future__ import annotations

import logging

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal

log = logging.getLogger(__name__)
REFUSAL = Refusal(
    code="UnsupportedOperation",
    message="The lab cannot answer this call: an unknown filter or option, or a fault of its own. "
    "AUTODEPLOY_HOME/lab/daemon.log says more.",
    status=400,
)


def unsupported(call: Call, following: Next) -> Response:
    """Have the call answered; where moto breaks off, say so."""
    try:
        response = following(call)
    except Exception:
        log.exception("moto does not answer %s", call.action)
        return protocol.refuse(call, REFUSAL)
    if response.status_code == 500 and response.mimetype == "text/html":
        return protocol.refuse(call, REFUSAL)
    return response
