"""The Deployer's answer: the running release."""

from __future__ import annotations

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.cron import CronJob


class DeploymentConfig(Contract):
    """A release that passed its health check and takes what traffic there is.

    Attributes:
        release: Its name on the hosts.
        artifact: The artifact's digest.
        url: Where it answers, `http://`, `https://` or `tcp://`; None where no client reaches it.
        load_balancer: DNS name of the load balancer behind `url`; None where there is none.
        address: The host that is meant by a domain in `url` where there is no load balancer.
        processes: Command by process name.
        jobs: What runs at given times on the first of the hosts, by name.
        health_path: The path that was asked.
        health_highest: The highest healthy status, where somebody said so.
        health_status: The HTTP status that it answered; None where it speaks no HTTP.
        hosts: Names of the hosts that run it.
        is_exclusive: Whether it must stop before another release can start.
        hooks: Command by hook, for a rollback to this release and from it.
        secrets: The version of the application's secrets that it runs with; None for none.
        restart: The id of the run that has restarted it, or one before it that was made of the
            same; None for none.
        fingerprint: SHA-256 over all that it is made of: a deployment with the same one changes
            nothing.
    """

    release: str
    artifact: str
    url: str | None
    load_balancer: str | None = None
    address: str | None = None
    processes: dict[str, str]
    jobs: dict[str, CronJob] = Field(default_factory=dict)
    health_path: str
    health_highest: int | None = None
    health_status: int | None
    hosts: tuple[str, ...]
    is_exclusive: bool = False
    hooks: dict[str, str] = Field(default_factory=dict)
    secrets: str | None = None
    restart: str | None = None
    fingerprint: str

    @property
    def front(self) -> str | None:
        """What is asked in place of the name in `url`, which may lead elsewhere yet."""
        return self.load_balancer or self.address
