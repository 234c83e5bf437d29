"""The lab's API in this process, with everything in front of moto and no hosts behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from moto import settings
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends
from moto.elasticache.models import elasticache_backends
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.rds.models import rds_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends
from werkzeug.serving import make_server
from werkzeug.test import Client

from autodeploy.lab.api.application import application
from autodeploy.lab.api.rds import WholeRDSBackend
from autodeploy.lab.caches.whole import WholeElastiCacheBackend

REGION = "us-east-1"


@dataclass
class NoMachines:
    """Instances run as soon as they are asked for."""

    destroyed: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.RLock)

    def boot(self, instance: Any) -> None: ...

    def start(self, instance: Any) -> None: ...

    def stop(self, instance: Any) -> None: ...

    def destroy(self, instance: Any) -> None:
        self.destroyed.append(instance.id)

    def reboot(self, instance: Any) -> None: ...

    def know(self, policies: dict[str, Any]) -> None: ...

    def forget(self, vpc_id: str) -> None: ...

    def lend(self) -> IPv4Address:
        return IPv4Address("10.213.0.9")

    def take_back(self, address: str) -> None: ...

    def console(self, instance_id: str, size: int) -> str:
        return ""

    def listing(self) -> list[Any]:
        return []


class Clock:
    """A clock that goes when it is told to, and a step each time somebody looks."""

    def __init__(self) -> None:
        self.now, self.step = 1000.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Api:
    """The API, at an address on this machine."""

    gateway: Any
    url: str
    record: Path
    machines: NoMachines
    clock: Clock

    def client(
        self, service: str, attempts: int = 1, region_name: str = REGION, mode: str = "standard"
    ) -> Any:
        return _client(self.url, service, attempts, region_name, mode)

    def admin(self, method: str, page: str, said: Any = None) -> Any:
        answer = Client(self.gateway).open(f"/_autodeploy/{page}", method=method, json=said)
        assert answer.status_code == 200, answer.text
        return answer.json


@cache
def _client(url: str, service: str, attempts: int, region: str, mode: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="lab",
        aws_secret_access_key="lab",
        config=Config(retries={"total_max_attempts": attempts, "mode": mode}, proxies={}),
    )


@contextmanager
def serving(folder: Path) -> Iterator[Api]:
    """An account with nothing in it."""
    strict = (
        patch.dict("os.environ", MOTO_EC2_LOAD_DEFAULT_AMIS="false"),
        patch.object(settings, "ENABLE_AMI_VALIDATION", True),
        patch.object(settings, "ENABLE_KEYPAIR_VALIDATION", True),
        patch.object(settings, "ACM_VALIDATION_WAIT", -1),
        patch.object(ec2_backends, "backend", ec2_backends.backend),
        patch.object(ssm_backends, "backend", ssm_backends.backend),
        patch.object(rds_backends, "backend", WholeRDSBackend),
        patch.object(sns_backends, "backend", sns_backends.backend),
        patch.object(cloudwatch_backends, "backend", cloudwatch_backends.backend),
        patch.object(elasticache_backends, "backend", WholeElastiCacheBackend),
    )
    with ExitStack() as stack:
        for each in strict:
            stack.enter_context(each)
        BackendDict.reset()
        machines, clock, record = NoMachines(), Clock(), folder / "calls.jsonl"
        gateway = application(machines, record, {}, clock=clock)
        server = make_server(
            "127.0.0.1", 0, gateway, threaded=True, request_handler=MotoRequestHandler
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Api(gateway, f"http://127.0.0.1:{server.port}", record, machines, clock)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            BackendDict.reset()
