"""The API as the lab serves it: moto's backends with ours, and every layer in front of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from autodeploy.lab.api import cloudwatch, ec2, protocol, quick, sns, ssm
from autodeploy.lab.api.console import Console
from autodeploy.lab.api.gateway import Admin, Call, Gateway, Layer, OneAtATime
from autodeploy.lab.api.machines import Machines
from autodeploy.lab.api.recorder import Recorder
from autodeploy.lab.api.strict.account import Account, subnet_asked
from autodeploy.lab.api.strict.census import census, forget
from autodeploy.lab.api.strict.consistency import Consistency
from autodeploy.lab.api.strict.dependencies import dependencies
from autodeploy.lab.api.strict.duplicates import Duplicates
from autodeploy.lab.api.strict.faults import Faults
from autodeploy.lab.api.strict.policy import Policy
from autodeploy.lab.api.strict.pricing import pricing
from autodeploy.lab.api.strict.quotas import Quotas
from autodeploy.lab.api.strict.states import States
from autodeploy.lab.api.strict.tokens import Tokens
from autodeploy.lab.api.strict.unsupported import unsupported

Service = Literal[
    "ec2",
    "elasticache",
    "elbv2",
    "iam",
    "rds",
    "secretsmanager",
    "ssm",
    "acm",
    "sts",
    "route53",
    "cloudwatch",
    "sns",
]
SERVICES: tuple[Service, ...] = get_args(Service)


def application(
    machines: Machines,
    record: Path,
    admin: dict[str, Admin],
    clock: Callable[[], float] = time.monotonic,
    measure: Callable[[], None] = lambda: None,
) -> Gateway:
    """The API, ready for its first call.

    Args:
        machines: What boots and destroys the hosts behind instances.
        record: Where calls are written.
        admin: Further admin pages.
        clock: Seconds; what delays are measured by.
        measure: Lets CloudWatch know what there is to be known at this moment.
    """
    quick.install()
    ec2.install(machines)
    ssm.install()
    sns.install()
    cloudwatch.install()
    moto = DomainDispatcherApplication(create_backend_app)
    for service in SERVICES:
        moto.app_instances[service] = create_backend_app(service)
    strictness = Strictness(machines, record, clock, measure)
    return Gateway(moto, strictness.layers(), {**admin, **strictness.pages()})


class Strictness:
    """Every layer in front of moto, and the admin pages that set them."""

    def __init__(
        self,
        machines: Machines,
        record: Path,
        clock: Callable[[], float],
        measure: Callable[[], None],
    ) -> None:
        self._machines = machines
        self._measure = measure
        self._serial = OneAtATime(machines.lock)
        self._recorder, self._policy, self._quotas = Recorder(record), Policy(), Quotas()
        self._faults = Faults(self._facts)
        self._tokens, self._duplicates, self._states = Tokens(), Duplicates(), States(clock)
        self._consistency = Consistency(lambda: self._states.delays.get("visible", 0), clock)

    def layers(self) -> tuple[Layer, ...]:
        """The outermost first."""
        return (
            self._recorder,
            self._faults,
            self._serial,
            self._policy,
            pricing,
            self._tokens,
            self._duplicates,
            self._consistency,
            dependencies,
            self._quotas,
            self._states,
            Console(self._machines),
            sns.confirmation,
            cloudwatch.measuring(self._measure),
            unsupported,
        )

    def pages(self) -> dict[str, Admin]:
        """What answers `METHOD page`."""
        return {
            "GET faults": lambda _: self._faults.listing(),
            "POST faults": self._faults.add,
            "DELETE faults": lambda _: self._faults.clear(),
            "POST policy": self._policy.set,
            "DELETE policy": lambda _: self._policy.clear(),
            "POST delays": self._set_delays,
            "POST quotas": self._set_quotas,
            "GET mail": lambda _: self._mails(),
            "GET snapshot": self._snapshot,
            "POST reset": self._reset,
        }

    def _reset(self, _: Any) -> None:
        with self._serial.lock:
            forget(self._machines.destroy)
            for each in (
                *(self._recorder, self._faults, self._policy, self._tokens),
                *(self._duplicates, self._consistency, self._states, self._quotas),
            ):
                each.clear()

    def _set_delays(self, said: Any) -> dict[str, float]:
        with self._serial.lock:
            return self._states.set(said)

    def _set_quotas(self, said: Any) -> dict[str, float]:
        with self._serial.lock:
            return self._quotas.set(said)

    def _facts(self, call: Call) -> Mapping[str, Any]:
        """A call's parameters, with the zone of its subnet."""
        asked = protocol.parameters(call)
        subnet = subnet_asked(asked)
        if subnet is None:
            return asked
        with self._serial.lock:
            return {**asked, "AvailabilityZone": Account.of(call).zone(subnet)}

    def _mails(self) -> list[dict[str, Any]]:
        with self._serial.lock:
            return sns.mails()

    def _snapshot(self, _: Any) -> list[dict[str, Any]]:
        with self._serial.lock:
            return census()
