"""The API as the lab serves it: moto's backends with ours, and every layer in front of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from autodeploy.lab.api import ec2, ssm
from autodeploy.lab.api.console import Console
from autodeploy.lab.api.gateway import Admin, Gateway, Layer, OneAtATime
from autodeploy.lab.api.machines import Machines
from autodeploy.lab.api.recorder import Recorder
from autodeploy.lab.api.strict.census import census, forget
from autodeploy.lab.api.strict.consistency import Consistency
from autodeploy.lab.api.strict.dependencies import dependencies
from autodeploy.lab.api.strict.duplicates import Duplicates
from autodeploy.lab.api.strict.faults import Faults
from autodeploy.lab.api.strict.policy import Policy
from autodeploy.lab.api.strict.pricing import pricing
from autodeploy.lab.api.strict.states import States
from autodeploy.lab.api.strict.tokens import Tokens

Service = Literal[
    "ec2", "elbv2", "iam", "rds", "secretsmanager", "ssm", "acm", "sts", "route53", "cloudwatch"
]
SERVICES: tuple[Service, ...] = get_args(Service)


def application(
    machines: Machines,
    record: Path,
    admin: dict[str, Admin],
    clock: Callable[[], float] = time.monotonic,
) -> Gateway:
    """The API, ready for its first call.

    Args:
        machines: What boots and destroys the hosts behind instances.
        record: Where calls are written.
        admin: Further admin pages.
        clock: Seconds; what delays are measured by.
    """
    ec2.install(machines)
    ssm.install()
    moto = DomainDispatcherApplication(create_backend_app)
    for service in SERVICES:
        moto.app_instances[service] = create_backend_app(service)
    recorder, faults, serial, policy = Recorder(record), Faults(), OneAtATime(), Policy()
    tokens, duplicates, states = Tokens(), Duplicates(), States(clock)
    consistency = Consistency(lambda: states.delays.get("visible", 0), clock)
    layers: tuple[Layer, ...] = (
        recorder,
        faults,
        serial,
        policy,
        pricing,
        tokens,
        duplicates,
        consistency,
        dependencies,
        states,
        Console(machines),
    )

    def reset(_: Any) -> None:
        with serial.lock:
            forget(machines.destroy)
            for each in (recorder, faults, policy, tokens, duplicates, consistency, states):
                each.clear()

    def set_delays(said: Any) -> dict[str, float]:
        with serial.lock:
            return states.set(said)

    def snapshot(_: Any) -> list[dict[str, Any]]:
        with serial.lock:
            return census()

    pages: dict[str, Admin] = {
        "GET faults": lambda _: faults.listing(),
        "POST faults": faults.add,
        "DELETE faults": lambda _: faults.clear(),
        "POST policy": policy.set,
        "DELETE policy": lambda _: policy.clear(),
        "POST delays": set_delays,
        "GET snapshot": snapshot,
        "POST reset": reset,
    }
    return Gateway(moto, layers, {**admin, **pages})
