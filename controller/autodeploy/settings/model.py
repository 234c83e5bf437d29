"""One model for all settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from autodeploy.contracts import TechStack
from autodeploy.settings.hooks import Hooks

MOST_HOSTS = 20
FORKS = 20
"""At most so many hosts at once: all of them."""
DATABASE_URL = "DATABASE_URL"
MANAGED = ("postgresql", "mysql")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
NAME = re.compile(r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?")
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)+(?![0-9]+$){LABEL}")
ADDRESS = re.compile(r"[a-z_][a-z0-9_-]*@[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?")
IDENTITY = frozenset({"name", "environment", "target", "region", "profile", "forks"})
"""Who the application is and where, and how this machine works on it: known before its repository
is read, and nothing that a release depends on."""
INFRASTRUCTURE = frozenset(
    {
        *("addresses", "arch", "database", "database_class", "domain", "hosts", "image"),
        *("instance_type", "load_balancer", "ssh_key", "vpc_id"),
    }
)
"""What it runs on: said once on the command line, it holds until something else is said."""
HOST_SETTINGS = frozenset({"arch", "image"})
"""What a host is made from: another value takes another host."""
EXISTING = frozenset({"addresses", "ssh_key"})
"""The user's own hosts and key. No file says them: a repository does not choose where it goes."""
PROVISIONED = (
    *("database", "database_class", "domain", "hosts", "instance_type", "load_balancer", "vpc_id"),
)
"""What means nothing where hosts exist and nothing is provisioned."""


class Settings(BaseModel):
    """All settings of one application in one environment.

    Attributes:
        name: The application's name; None means the repository's.
        environment: The environment's name.
        target: Where hosts come from.
        region: AWS's region; None means what AWS's own configuration says.
        profile: The profile of AWS's own configuration; None means what that says.
        addresses: Hosts that exist, `user@address[:port]`, for the target ssh.
        ssh_key: The private key for those; None means OpenSSH's own choice.
        forks: On how many hosts Ansible works at once.
        image: The hosts' operating system.
        arch: The hosts' processor.
        instance_type: EC2's type; None means what the stack needs.
        hosts: How many hosts.
        load_balancer: Whether one stands before them; None means where there are several.
        domain: The name that users know the application by.
        vpc_id: A network that exists, to be used instead of one of its own.
        database: Whether a managed database is made; None means where the stack needs one and
            `env` does not bring its address.
        database_class: RDS's type.
        language: Overrides what Recon finds, as do the next six.
        port: The one port that the application can listen on, where it ignores PORT.
        env: Variables for the application's processes.
        hooks: The application's own commands around a change of its release.
        packages: Debian packages that the application needs, to be built and to run.
        build_timeout: Seconds that a build may take.
        health_timeout: Seconds that a new release has to become healthy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    environment: str = "production"
    target: Literal["aws", "lab", "ssh"] = "aws"
    region: str | None = None
    profile: str | None = None
    addresses: tuple[str, ...] = ()
    ssh_key: Path | None = None
    forks: int = Field(default=FORKS, ge=1)
    image: Literal["debian-12", "debian-13"] = "debian-12"
    arch: Literal["amd64", "arm64"] = "amd64"
    instance_type: str | None = Field(default=None, pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")
    hosts: int = Field(default=1, ge=1, le=MOST_HOSTS)
    load_balancer: bool | None = None
    domain: str | None = None
    vpc_id: str | None = Field(default=None, pattern=r"^vpc-[0-9a-f]{8,17}$")
    database: bool | None = None
    database_class: str = Field(default="db.t4g.micro", pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$")
    language: str | None = None
    build_command: str | None = None
    start_command: str | None = None
    processes: dict[str, str] = Field(default_factory=dict)
    release_command: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    health_path: str | None = Field(default=None, pattern=r"^/[^\s]*$")
    env: dict[str, str] = Field(default_factory=dict)
    hooks: Hooks = Hooks()
    packages: tuple[str, ...] = ()
    build_timeout: int = Field(default=600, ge=1)
    health_timeout: int = Field(default=60, ge=1)

    @field_validator("name", "environment")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and not NAME.fullmatch(value):
            raise ValueError(
                f"{value!r} is not a name: up to 28 of a-z, 0-9 and -, beginning with a letter"
            )
        return value

    @field_validator("packages")
    @classmethod
    def _packages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not PACKAGE.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of a Debian package, such as libpq5")
        return value

    @field_validator("domain")
    @classmethod
    def _domain(cls, value: str | None) -> str | None:
        """In lower case; an empty one is none, so that what was remembered can be taken back."""
        name = (value or "").rstrip(".").lower()
        if name and not DOMAIN.fullmatch(name):
            raise ValueError(f"{value!r} is not a domain, such as shop.example.com")
        return name or None

    @field_validator("addresses")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            port = one.partition(":")[2] or "22"
            if not (ADDRESS.fullmatch(one) and 1 <= int(port) <= 65535):
                raise ValueError(f"{one!r} is not a host: say user@address or user@address:port")
        short = tuple(one.removesuffix(":22") for one in value)
        if len({one.partition("@")[2].lower() for one in short}) != len(value):
            raise ValueError("one host is named twice")
        return short

    @field_validator("ssh_key")
    @classmethod
    def _ssh_key(cls, value: Path | None) -> Path | None:
        """As seen from the working folder, so that it holds for a command from elsewhere too."""
        return value.expanduser().absolute() if value else None

    @model_validator(mode="after")
    def _of_the_target(self) -> Self:
        said = [
            name
            for name in PROVISIONED
            if name in self.model_fields_set and getattr(self, name) not in (None, False)
        ]
        if self.target == "ssh" and said:
            raise ValueError(f"{', '.join(said)}: not for hosts that exist")
        return self

    @field_validator("processes")
    @classmethod
    def _processes(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a process name")
        return value

    @field_validator("env", mode="before")
    @classmethod
    def _env(cls, value: Any) -> Any:
        """Text only: YAML reads 3.10 as 3.1 and 01234 as 668, and what was written is lost."""
        for name, one in value.items() if isinstance(value, dict) else ():
            if not isinstance(one, str):
                raise ValueError(f"{name}: the value must be text: put it in quotes")
        return value

    @field_validator("env")
    @classmethod
    def _env_names(cls, value: dict[str, str]) -> dict[str, str]:
        for name, one in value.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or "\0" in one:
                raise ValueError(f"{name!r} is not a variable that a process can have")
        return value

    def over(self, stack: TechStack) -> TechStack:
        """The stack with everything that the settings say otherwise."""
        said = self.model_dump(
            include={
                "language",
                "build_command",
                "start_command",
                "release_command",
                "port",
                "health_path",
            },
            exclude_none=True,
        )
        processes = {**stack.processes, **self.processes}
        if self.start_command:
            processes["web"] = self.start_command
        elif "web" in self.processes:
            said["start_command"] = self.processes["web"]
        return stack.model_copy(update={**said, "processes": processes})

    def engine(self, stack: TechStack) -> str | None:
        """The managed database that the application is to have: `postgresql`, `mysql` or none."""
        if self.database is False or self.target == "ssh":
            return None
        if self.database is None and DATABASE_URL in self.env:
            return None
        return next((one for one in MANAGED if one in stack.databases), None)

    def balanced(self, stack: TechStack) -> bool:
        """Whether a load balancer stands before the hosts."""
        if self.target == "ssh" or not ("web" in stack.processes or stack.output):
            return False
        return self.hosts > 1 if self.load_balancer is None else self.load_balancer
