"""Reading all that the daemon will need while it is there.

The checkout or environment that started the lab may be replaced or deleted while the lab runs.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import pkgutil
from collections.abc import Iterable

log = logging.getLogger(__name__)

# What moto imports only once some call needs it.
LATER = (
    *("autoscaling.models", "elb.models", "events.models", "events.notifications", "kms.models"),
    *("iam.access_control", "iam.policy_conditions", "moto_api._internal.managed_state_model"),
    *("core.compat", "s3.models", "s3.notifications", "s3.select_object_content", "utilities.arns"),
)
MODELS_LATER = ("autoscaling", "elb", "kms")


def preload(services: Iterable[str]) -> None:
    """Import what is imported late, and read botocore's models of these services."""
    import botocore.exceptions
    from moto.core.utils import get_pagination_model, get_service_model

    from autodeploy import lab
    from autodeploy.lab.api import actions

    ours = [one.name for one in pkgutil.walk_packages(lab.__path__, f"{lab.__name__}.")]
    for name in (*ours, *(f"moto.{one}" for one in LATER)):
        try:
            importlib.import_module(name)
        except ImportError:
            log.warning("%s is not there to be read ahead", name)
    for service in (*services, *MODELS_LATER):
        with contextlib.suppress(botocore.exceptions.UnknownServiceError):
            if get_service_model(service).protocol.startswith("rest"):
                actions.rest_operations(service)
            get_pagination_model(service)
