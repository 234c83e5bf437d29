"""What IAM must allow for a deployment. Pure."""

from __future__ import annotations

from autodeploy.aws.needed import needed
from autodeploy.conductor.forecast.downtime import is_exclusive
from autodeploy.conductor.forecast.intended import Intended
from autodeploy.contracts import Permissions
from autodeploy.provisioner.kinds import Certificate, Secret
from autodeploy.provisioner.policy import LOOKED_FOR

RECORDS = ("route53:ChangeResourceRecordSets",)
"""What leads a domain to a host."""


def permissions(intended: Intended) -> Permissions:
    """The actions that are called; none where hosts exist."""
    settings = intended.settings
    if settings.target == "ssh":
        return Permissions()
    led = (Certificate.type,) if settings.ends_tls(intended.stack) else ()
    looked_for = (*LOOKED_FOR, *led, *((Secret.type,) if settings.secrets else ()))
    takes_turns = is_exclusive(intended.running, settings)
    found = needed(intended.plan.actions, looked_for, takes_turns=takes_turns)
    if intended.is_nothing:
        return found.model_copy(update={"writes": ()})
    writes = sorted({*found.writes, *(RECORDS if led else ())})
    return found.model_copy(update={"writes": tuple(writes)})
