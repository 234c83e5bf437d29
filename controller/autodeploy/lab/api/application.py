"""The API as the lab serves it: moto's backends with ours, and every layer in front of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from autodeploy.lab.api import ec2, ssm
from autodeploy.lab.api.gateway import Admin, Gateway, OneAtATime
from autodeploy.lab.api.machines import Machines
from autodeploy.lab.api.recorder import Recorder
from autodeploy.lab.api.strict.dependencies import dependencies
from autodeploy.lab.api.strict.duplicates import Duplicates
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
    layers = [Recorder(record), OneAtATime(), Tokens(), Duplicates(), dependencies]
    from autodeploy.lab.api.strict.reset import forget
    tokens=layers[2]
    return Gateway(moto, layers, {**admin, "POST reset": lambda _: (forget(), tokens.clear(), None)[-1]})
