"""What the running lab is told beside AWS's own calls: faults, a policy, delays, begin anew."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from autodeploy.errors import LabBroken
from autodeploy.lab import endpoint
from autodeploy.lab.faults import Fault
from autodeploy.paths import private_folder

SECONDS = 120


def faults() -> list[Fault]:
    """Every fault that is planned.

    Raises:
        LabBroken: The lab does not run.
    """
    return [Fault.model_validate(one) for one in _call("GET", "faults")]


def add_fault(fault: Fault) -> None:
    """Plan a fault.

    Raises:
        LabBroken: The lab does not run.
    """
    _call("POST", "faults", fault.model_dump(mode="json"))


def clear_faults() -> None:
    """Plan none.

    Raises:
        LabBroken: The lab does not run.
    """
    _call("DELETE", "faults")


def policy(document: Mapping[str, Any] | None) -> None:
    """Allow what an IAM policy document allows and nothing else; None allows everything again.

    Raises:
        LabBroken: The lab does not run, or cannot enforce that document.
    """
    if document is None:
        _call("DELETE", "policy")
    else:
        _call("POST", "policy", document)


def delays(seconds: Mapping[str, float] | None = None) -> dict[str, float]:
    """Set how long what is made or deleted takes; every delay that is not zero.

    Args:
        seconds: By kind (`vpc`, `subnet`, `instance`, `db-instance`, `load-balancer`), and
            `visible` for how long what was made is not found.

    Raises:
        LabBroken: The lab does not run, or has no such kind.
    """
    said: dict[str, float] = _call("POST", "delays", dict(seconds or {}))
    return said


def quotas(values: Mapping[str, float] | None = None) -> dict[str, float]:
    """Set how much the account may have, by Service Quotas' codes; every quota that there is.

    Raises:
        LabBroken: The lab does not run, or has no such quota.
    """
    said: dict[str, float] = _call("POST", "quotas", dict(values or {}))
    return said


def snapshot(name: str | None = None) -> list[dict[str, Any]]:
    """Everything that exists: `kind`, `id`, `region` and `tags` of each, in order.

    Args:
        name: Where given, it is kept in AUTODEPLOY_HOME/lab/snapshots under that name.

    Raises:
        LabBroken: The lab does not run.
    """
    there: list[dict[str, Any]] = _call("GET", "snapshot")
    if name is not None:
        kept_as(name).write_text(f"{json.dumps(there, indent=2)}\n")
    return there


def mail() -> list[dict[str, str]]:
    """The mails of subscriptions that nobody has confirmed: `to`, `topic` and `token` of each.

    Raises:
        LabBroken: The lab does not run.
    """
    mails: list[dict[str, str]] = _call("GET", "mail")
    return mails


def acme_root() -> str:
    """The root of the certificates that the ACME authority issues, as PEM; it is started for that.

    Raises:
        LabBroken: The lab does not run, or the authority does not.
    """
    pem: str = _call("GET", "acme-root")
    return pem


def kept_as(name: str) -> Path:
    """The file of a snapshot that was given a name.

    Raises:
        LabBroken: That is no name.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise LabBroken(f"{name!r} is no name of a snapshot", remediation="Use a-z, 0-9, - and _.")
    return private_folder(endpoint.site().folder / "snapshots") / f"{name}.json"


def reset() -> None:
    """Take every resource away, with its host; faults, policy, delays and the record too.

    Raises:
        LabBroken: The lab does not run.
    """
    _call("POST", "reset")


def _call(method: str, page: str, said: object = None) -> Any:
    info = endpoint.ask(endpoint.site())
    if info is None:
        raise LabBroken("the lab does not run", remediation="Start it: autodeploy lab up")
    body = None if said is None else json.dumps(said).encode()
    request = urllib.request.Request(f"{info.endpoint_url}/_autodeploy/{page}", body, method=method)  # noqa: S310
    try:
        with endpoint.DIRECT.open(request, timeout=SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        cause = error.read().decode(errors="replace").strip()
        raise LabBroken(
            f"the lab refused {page}", cause=cause, remediation="Ask for something that it knows."
        ) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise LabBroken(f"the lab did not answer {page}", cause=str(error)) from error
