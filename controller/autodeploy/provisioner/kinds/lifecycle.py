"""A host's life: started, stopped, given another size; each waits for the state that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.errors import CloudError, ResourceFailed
from autodeploy.provisioner.kinds.base import Found, Look, Site
from autodeploy.provisioner.kinds.rotation import out_of_rotation
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.watch import Watch

ENDED = frozenset({"shutting-down", "terminated"})
RUNS_SECONDS, RUNNING_SECONDS = 20, 300  # as a rule, at most
SETTLES_SECONDS, SETTLED_SECONDS = 30, 600
TERMINATES_SECONDS, TERMINATED_SECONDS = 40, 600


def instances(look: Look) -> Iterator[Mapping[str, Any]]:
    """AWS's descriptions of the owner's instances."""
    for reservation in look.tagged("describe_instances", "Reservations"):
        yield from reservation["Instances"]


def await_running(site: Site, found: Found) -> Mapping[str, Any]:
    """Wait until the instance runs and has a public address, and give its description.

    Raises:
        ResourceFailed: It ended instead, or it took too long.
    """
    record: Mapping[str, Any] = found.record
    look = Look(site.cloud, site.owner)
    watch = site.once(
        await_running, lambda: Watch(lambda: {one["InstanceId"]: one for one in instances(look)})
    )
    latest = watch.follow(found.id)

    def runs() -> bool:
        nonlocal record
        record = latest() or record
        return is_running(record)

    site.patience.until(
        runs, seconds=RUNNING_SECONDS, usual=RUNS_SECONDS, what=f"{found.key} ({found.id}) to run"
    )
    return record


def is_running(record: Mapping[str, Any]) -> bool:
    """Whether it runs and has a public address.

    Raises:
        ResourceFailed: It has ended.
    """
    if record["State"]["Name"] in ENDED:
        reason = record.get("StateReason", {}).get("Message") or None
        raise ResourceFailed(f"{record['InstanceId']} ended while it started", cause=reason)
    return record["State"]["Name"] == "running" and bool(record.get("PublicIpAddress"))


def start(site: Site, found: Found) -> None:
    """Begin to start a host that is stopped, or is about to be."""
    if _settled(site, found) == "stopped":
        site.cloud.ec2().start_instances(InstanceIds=[found.id])


def resize(site: Site, found: Found, instance_type: str) -> None:
    """Stop a host, change its type and start it again, while no other host is out of service.

    Where AWS has no such type, it is started as it was. Once it is begun it is carried through,
    though the work is given up meanwhile: the application would be down.

    Raises:
        CloudError: AWS refused, or it did not stop or start in time.
    """
    with site.disruption:
        site.patience.check()
        try:
            with out_of_rotation(site, found):
                _restart_as(site, found, instance_type)
        except BaseException:
            # Before the lock is free: the next host is not to go the same way.
            site.patience.stop.set()
            raise


def _restart_as(site: Site, found: Found, instance_type: str) -> None:
    steady = replace(site, patience=Patience(tell=site.patience.tell, pace=site.patience.pace))
    _stop(steady, found)
    try:
        _change(site.cloud, found, instance_type)
    except CloudError:
        _change(site.cloud, found, found.record["InstanceType"])
        await_running(steady, found)
        raise
    await_running(steady, found)


def _change(cloud: Cloud, found: Found, instance_type: str) -> None:
    ec2 = cloud.ec2()
    ec2.modify_instance_attribute(InstanceId=found.id, InstanceType={"Value": instance_type})
    ec2.start_instances(InstanceIds=[found.id])


def _stop(site: Site, found: Found) -> None:
    if _settled(site, found) == "running":
        site.cloud.ec2().stop_instances(InstanceIds=[found.id])
        _settled(site, found, "stopped")


def _settled(site: Site, found: Found, *wanted: str) -> str:
    """The state of a host, once it is one that lasts; of those `wanted`, if any are."""
    seen = ""

    def lasts() -> bool:
        nonlocal seen
        (seen,) = _states(site.cloud, [found.id]) or ["terminated"]
        if seen in ENDED:
            raise ResourceFailed(f"{found.key} ({found.id}) has ended meanwhile")
        return seen in (wanted or ("running", "stopped"))

    if not lasts():
        site.patience.until(
            lasts,
            seconds=SETTLED_SECONDS,
            usual=SETTLES_SECONDS,
            what=f"{found.key} ({found.id}) to be {' or '.join(wanted) or 'running or stopped'}",
        )
    return seen


def await_terminated(cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
    """Wait until all are terminated, or not known any more."""
    ids = [one.id for one in found]
    patience.until(
        lambda: set(_states(cloud, ids)) <= {"terminated"},
        seconds=TERMINATED_SECONDS,
        usual=TERMINATES_SECONDS,
        what=f"{', '.join(ids)} to terminate",
    )


def _states(cloud: Cloud, identifiers: Sequence[str]) -> list[str]:
    """The states of instances; nothing of those that AWS does not know (yet, or any more)."""
    filters: Any = [{"Name": "instance-id", "Values": identifiers}]
    reservations = cloud.ec2().describe_instances(Filters=filters)["Reservations"]
    return [one["State"]["Name"] for each in reservations for one in each["Instances"]]
