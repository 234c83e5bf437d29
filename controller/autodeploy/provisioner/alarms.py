"""When somebody is told by mail: the alarms that an application's resources take. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from autodeploy.provisioner.kinds import (
    Alarm,
    Database,
    Desired,
    Instance,
    LoadBalancer,
    Measured,
    Recipients,
    TargetGroup,
    Topic,
)
from autodeploy.provisioner.kinds.database import STORAGE_GIB
from autodeploy.provisioner.kinds.recipients import RECIPIENTS
from autodeploy.provisioner.kinds.topic import TOPIC

AT_LEAST, AT_MOST = "GreaterThanOrEqualToThreshold", "LessThanOrEqualToThreshold"
MINUTE, FIVE_MINUTES = 60, 300
ERRORS = 10
LATENCY_SECONDS = 2.0
CPU_PERCENT = 90.0
FREE_BYTES = STORAGE_GIB * 1024**3 / 10


def alarms(addresses: tuple[str, ...], resources: Sequence[Desired]) -> Iterator[Desired]:
    """The topic, who hears of it, and an alarm for all that can go wrong; nothing for nobody.

    Args:
        addresses: Who gets a mail.
        resources: All that the application needs else.
    """
    if not addresses:
        return
    keys = {type(one): one.key for one in resources}
    yield Topic(TOPIC)
    yield Recipients(RECIPIENTS, addresses)
    for one in resources:
        if isinstance(one, Instance):
            yield _host(one.key)
    if LoadBalancer in keys:
        yield from _balancer(keys[LoadBalancer], keys[TargetGroup])
    if Database in keys:
        yield from _database(keys[Database])


def _host(key: str) -> Alarm:
    """Silent when it is made, for nothing is measured yet; silence that comes later is told."""
    return Alarm(
        f"alarm-{key}",
        Measured("AWS/EC2", "StatusCheckFailed", "Maximum", (("InstanceId", key),)),
        AT_LEAST,
        1.0,
        MINUTE,
        5,
        tells_silence=True,
        description=f"{key} fails EC2's status checks, or is stopped. "
        "`autodeploy status` and `autodeploy ssh` tell more.",
    )


def _balancer(balancer: str, group: str) -> Iterator[Alarm]:
    """What is not measured is no trouble: without requests there are no answers."""
    of = (("LoadBalancer", balancer),)
    alarm, measured = partial(Alarm, tells_silence=False), partial(Measured, "AWS/ApplicationELB")
    yield alarm(
        "alarm-application-errors",
        measured("HTTPCode_Target_5XX_Count", "Sum", of),
        *(AT_LEAST, float(ERRORS), FIVE_MINUTES, 1),
        description=f"The application has answered {ERRORS} requests or more with an error (5xx) "
        "in five minutes. `autodeploy logs` tells more.",
    )
    yield alarm(
        "alarm-balancer-errors",
        measured("HTTPCode_ELB_5XX_Count", "Sum", of),
        *(AT_LEAST, float(ERRORS), FIVE_MINUTES, 1),
        description=f"The load balancer itself has answered {ERRORS} requests or more with an "
        "error (5xx) in five minutes: no host could be asked, or none has answered in time.",
    )
    yield alarm(
        "alarm-latency",
        measured("TargetResponseTime", "p95", of),
        *(AT_LEAST, LATENCY_SECONDS, FIVE_MINUTES, 3),
        description=f"One request in twenty has taken {LATENCY_SECONDS:g} seconds or more for a "
        "quarter of an hour.",
    )
    yield alarm(
        "alarm-unhealthy-hosts",
        measured("UnHealthyHostCount", "Maximum", (*of, ("TargetGroup", group))),
        *(AT_LEAST, 1.0, MINUTE, 5),
        description="A host has failed the health check for five minutes. "
        "`autodeploy status` tells which.",
    )


def _database(key: str) -> Iterator[Alarm]:
    measured = partial(Measured, "AWS/RDS", of=(("DBInstanceIdentifier", key),))
    yield Alarm(
        "alarm-database-storage",
        measured("FreeStorageSpace", "Minimum"),
        *(AT_MOST, FREE_BYTES, FIVE_MINUTES, 1),
        tells_silence=True,
        description="A tenth of the database's disk is free, or less; or it is stopped. "
        "A full one stops.",
    )
    yield Alarm(
        "alarm-database-cpu",
        measured("CPUUtilization", "Average"),
        *(AT_LEAST, CPU_PERCENT, FIVE_MINUTES, 3),
        tells_silence=False,
        description=f"The database's processor has been {CPU_PERCENT:g} % busy or more for a "
        "quarter of an hour.",
    )
