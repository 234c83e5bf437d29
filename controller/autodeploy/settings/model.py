"""One model for all settings."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from autodeploy.contracts import CronJob, TechStack
from autodeploy.settings.acme import Acme
from autodeploy.settings.hardening import Hardening
from autodeploy.settings.hooks import Hooks
from autodeploy.settings.number import Number, decimal
from autodeploy.settings.proxy import Proxy
from autodeploy.settings.secrets import GIVEN, VARIABLE, DeclaredSecret, problem
from autodeploy.settings.usage import Usage

MOST_HOSTS = 20
MOST_PROCESSES = 50
MOST_JOBS = 50
CENT = 0.01
"""USD; what is less is shown as 0."""
LEAST_MEMORY = 16
"""MiB."""
MARK = 3
"""So many hexadecimal digits of a digest: one value in 4096 has the same."""
KIB = {"K": 1, "M": 1024, "G": 1024**2, "T": 1024**3}
TAKEN = frozenset({"command", "drain", "hook", "proxy", "run", "web"})
"""What is called so already: units of a release's own, and the process that takes traffic."""
FORKS = 20
"""At most so many hosts at once: all of them."""
SSH = 22
DATABASE_URL = "DATABASE_URL"
REDIS, REDIS_URL = "redis", "REDIS_URL"
MANAGED = ("postgresql", "mysql")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
PREFIX = re.compile(r"/([A-Za-z0-9_-]+/)+")
INSIDE = re.compile(r"(?!.*(^|/)\.\.(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?")
NAME = re.compile(r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?")
PLACE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
TTL = r"^([1-9][0-9]{0,3}[mhd])?$"
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)+(?![0-9]+$){LABEL}")
MAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_{{|}}~-]{{1,64}}@({LABEL}\.)+{LABEL}", re.IGNORECASE)
ADDRESS = re.compile(r"[a-z_][a-z0-9_-]*@[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?")
IDENTITY = frozenset(
    {
        *("name", "environment", "target", "region", "profile"),
        *("forks", "lock_wait", "state"),
    }
)
"""Who the application is and where, and how this machine works on it: known before its repository
is read, and nothing that a release depends on."""
INFRASTRUCTURE = frozenset(
    {
        *(
            "acme",
            "addresses",
            "alarms",
            "arch",
            "cache",
            "cache_type",
            "database",
            "database_class",
        ),
        *("domain", "harden", "hardening", "hosts", "image", "instance_type", "load_balancer"),
        *("max_monthly_cost", "network_of", "ssh_key", "ttl", "usage", "vpc_id"),
    }
)
"""What it runs on: said once on the command line, it holds until something else is said."""
HOST_SETTINGS = frozenset({"arch", "image"})
"""What a host is made from: another value takes another host."""
EXISTING = frozenset({"addresses", "ssh_key"})
"""The user's own hosts and key. No file says them: a repository does not choose where it goes."""
PROVISIONED = (
    *("alarms", "cache", "cache_type", "database", "database_class", "hosts"),
    *("instance_type", "load_balancer", "network_of", "vpc_id"),
)
"""What means nothing where hosts exist and nothing is provisioned."""
FOUND = {
    *("language", "build_command", "output", "start_command", "release_command"),
    *("port", "health_path"),
}
"""What Recon finds, and a setting overrides."""
REMOVABLE = {"build_command", "release_command"}
"""Of these null says that there is none."""
HOUR, DAY = 3600, 86_400


class Settings(BaseModel):
    """All settings of one application in one environment.

    Attributes:
        name: The application's name; unset, the repository's.
        environment: The environment's name.
        target: Where hosts come from.
        region: AWS's region; unset, what AWS's own configuration says.
        profile: The profile of AWS's own configuration; unset, what that says.
        addresses: Hosts that exist, `user@address[:port]`, for the target ssh.
        ssh_key: The private key for those; unset, OpenSSH's own choice.
        forks: On how many hosts Ansible works at once.
        lock_wait: Seconds to wait for another controller that works on the application.
        state: Where the logs are kept, `s3://BUCKET/PREFIX`; unset, AUTODEPLOY_HOME.
        image: The hosts' operating system.
        arch: The hosts' processor.
        instance_type: EC2's type; unset, what the stack needs.
        hosts: How many hosts.
        load_balancer: Whether one stands before them; unset, where there are several.
        domain: The name that users know the application by.
        acme: Who signs its certificate, where one host alone has it.
        harden: Whether hosts are hardened before anybody reaches them.
        hardening: In which topics hosts are hardened.
        vpc_id: A network that exists, to be used instead of one of its own.
        network_of: The environment of the same application whose network is used instead.
        ttl: How long the environment is wanted from its newest deployment on, such as `3d`; then
            `environments reap` removes it. Unset or empty, until it is destroyed.
        max_monthly_cost: USD a month; a deployment that would make the infrastructure dearer than
            that is refused. What no price is known of does not count.
        usage: What is assumed of its use, for what it costs.
        database: Whether a managed database is made; unset, where the stack needs one and
            `env` does not bring its address.
        database_class: RDS's type.
        cache: Whether a managed Redis is made; unset, where the stack needs one and `env` does
            not bring its address.
        cache_type: ElastiCache's type.
        alarms: Who gets a mail when something is wrong with a host, the load balancer or the
            database; each must confirm a mail of AWS's first. Nobody: there are no alarms.
        language: The application's language, where Recon finds another; so are the next ones what
            Recon finds where nothing is said.
        build_command: What makes the build's output; null for nothing.
        output: The folder with the built files, where serving them is all there is to do.
        start_command: What starts the process `web`.
        processes: Command by process; null takes away one that was found.
        scale: How many of each process run on each host, by process; 0 for none, unset for one.
        release_command: Runs once before a release takes traffic (migrations); null for nothing.
        cron: What runs at given times, by name, on the first host alone and never twice at once;
            null takes away a job that was found.
        protocol: What clients speak.
        port: The one port that the application can listen on, where it ignores PORT; with the
            protocol tcp the one to which clients connect.
        health_path: The path that tells health.
        static: What files alone are: one page that finds its way by itself (`spa`), or `pages`;
            unset, what the framework makes.
        static_folders: Folder by the path of the URL under which everybody may have its files.
        proxy: What is asked of nginx.
        memory: What each process may use, such as `512M`.
        restart: When a process that ends is started again.
        env: Variables for the application's processes.
        secrets: What must be set as a secret before the application can be deployed; no values.
        hooks: The application's own commands around a change of its release.
        packages: Debian packages that the application needs, to be built and to run.
        build_timeout: Seconds that a build may take.
        health_status: The highest status that is healthy; unset, 399, and 499 for `/`.
        health_retries: Good answers in a row that make a release healthy.
        health_grace: Seconds that a new release has before it is asked at all.
        health_timeout: Seconds that it has after that to become healthy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    environment: str = "production"
    target: Literal["aws", "lab", "ssh"] = "aws"
    region: str | None = None
    profile: str | None = None
    addresses: tuple[str, ...] = ()
    ssh_key: Path | None = None
    forks: Number = Field(default=FORKS, ge=1)
    lock_wait: Number = Field(default=0, ge=0)
    state: str | None = None
    image: Literal["debian-12", "debian-13"] = "debian-12"
    arch: Literal["amd64", "arm64"] = "amd64"
    instance_type: str | None = Field(
        default=None, pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$", examples=["t3.small"]
    )
    hosts: Number = Field(default=1, ge=1, le=MOST_HOSTS)
    load_balancer: bool | None = None
    domain: str | None = None
    acme: Acme = Acme()
    harden: bool = True
    hardening: Hardening = Hardening()
    vpc_id: str | None = Field(
        default=None, pattern=r"^vpc-[0-9a-f]{8,17}$", examples=["vpc-0a1b2c3d"]
    )
    network_of: str | None = None
    ttl: str | None = Field(default=None, pattern=TTL, examples=["3d"])
    max_monthly_cost: float | None = Field(default=None, ge=0, allow_inf_nan=False, examples=[50])
    usage: Usage = Usage()
    database: bool | None = None
    database_class: str = Field(
        default="db.t4g.micro",
        pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$",
        examples=["db.t4g.small"],
    )
    cache: bool | None = None
    cache_type: str = Field(
        default="cache.t4g.micro",
        pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$",
        examples=["cache.t4g.small"],
    )
    alarms: tuple[str, ...] = Field(default=(), examples=[["ops@example.com"]])
    language: str | None = None
    build_command: str | None = Field(default=None, min_length=1)
    output: str | None = None
    start_command: str | None = Field(default=None, min_length=1)
    processes: dict[str, str | None] = Field(default_factory=dict)
    scale: dict[str, Annotated[Number, Field(ge=0, le=MOST_PROCESSES)]] = Field(
        default_factory=dict
    )
    release_command: str | None = Field(default=None, min_length=1)
    cron: dict[str, CronJob | None] = Field(default_factory=dict)
    protocol: Literal["http", "tcp"] = "http"
    port: Number | None = Field(default=None, ge=1, le=65535)
    static: Literal["spa", "pages"] | None = None
    static_folders: dict[str, str] = Field(default_factory=dict)
    proxy: Proxy = Proxy()
    memory: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,8}[KMGT]$", examples=["512M"])
    restart: Literal["on-failure", "always"] = "on-failure"
    health_path: str | None = Field(default=None, pattern=r"^/[!-~]*$", examples=["/healthz"])
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, DeclaredSecret] = Field(default_factory=dict)
    hooks: Hooks = Hooks()
    packages: tuple[str, ...] = ()
    build_timeout: Number = Field(default=600, ge=1, le=DAY)
    health_status: Number | None = Field(default=None, ge=200, le=499)
    health_retries: Number = Field(default=2, ge=1, le=20)
    health_grace: Number = Field(default=0, ge=0, le=HOUR)
    health_timeout: Number = Field(default=60, ge=1, le=HOUR)

    @field_validator("name", "environment", "network_of")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and not NAME.fullmatch(value):
            raise ValueError(
                f"{value!r} is not a name: up to 28 of a-z, 0-9 and -, beginning with a letter"
            )
        return value

    @field_validator("state")
    @classmethod
    def _state(cls, value: str | None) -> str | None:
        if value is not None and not PLACE.fullmatch(value):
            raise ValueError(f"{value!r} is no place in S3, such as s3://bucket/prefix")
        return value

    _decimal = field_validator("max_monthly_cost", mode="before")(decimal)

    @field_validator("max_monthly_cost")
    @classmethod
    def _max_monthly_cost(cls, value: float | None) -> float | None:
        if value and value < CENT:
            raise ValueError(f"must be 0, or at least {CENT} (a cent)")
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

    @field_validator("alarms", mode="before")
    @classmethod
    def _one_address(cls, value: Any) -> Any:
        """One is as good as a list of one; an empty one is none, as of a domain."""
        said = [value] if isinstance(value, str) else value
        return [one for one in said if one != ""] if isinstance(said, list | tuple) else said

    @field_validator("alarms")
    @classmethod
    def _alarms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not MAIL.fullmatch(one):
                raise ValueError(f"{one!r} is not a mail address, such as ops@example.com")
        return tuple(dict.fromkeys(value))

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
    def _of_the_network(self) -> Self:
        if self.network_of == self.environment:
            raise ValueError(f"network_of: {self.network_of} is this environment itself")
        return self

    @model_validator(mode="after")
    def _of_the_target(self) -> Self:
        said = [
            name
            for name in PROVISIONED
            if name in self.model_fields_set and getattr(self, name) not in (None, False, ())
        ]
        if self.target == "ssh" and said:
            why = " (CloudWatch, which alarms are of, measures AWS's own hosts alone)"
            reason = why if "alarms" in said else ""
            raise ValueError(f"{', '.join(said)}: not for hosts that exist{reason}")
        return self

    @model_validator(mode="after")
    def _of_tcp(self) -> Self:
        if self.protocol != "tcp":
            return self
        ports = (one.rpartition("@")[2].partition(":")[2] for one in self.addresses)
        if self.port is None:
            raise ValueError("port: protocol: tcp takes one: that to which clients connect")
        if self.port in {SSH, *(int(one) for one in ports if one)}:
            raise ValueError(f"port: {self.port} is SSH's")
        alone = self.target == "ssh" or self.hosts == 1
        if self.load_balancer or (self.load_balancer is None and not alone):
            raise ValueError(
                "load_balancer: there is none for protocol: tcp yet; give one host, or "
                "--no-load-balancer where clients know each"
            )
        return self

    @field_validator("output")
    @classmethod
    def _output(cls, value: str | None) -> str | None:
        if value is not None and not INSIDE.fullmatch(value):
            raise ValueError(f"{value!r} is no folder of the repository, such as dist")
        return value

    @field_validator("static_folders")
    @classmethod
    def _static_folders(cls, value: dict[str, str]) -> dict[str, str]:
        for url, folder in value.items():
            if not (PREFIX.fullmatch(url) and INSIDE.fullmatch(folder)):
                raise ValueError(f"{url}: {folder}: say it as /assets/: public/assets")
        return value

    @field_validator("memory")
    @classmethod
    def _memory(cls, value: str | None) -> str | None:
        """Below that the kernel ends whatever is started."""
        if value is not None and int(value[:-1]) * KIB[value[-1]] < LEAST_MEMORY * KIB["M"]:
            raise ValueError(f"{value} is less than {LEAST_MEMORY}M, with which nothing runs")
        return value

    @field_validator("processes")
    @classmethod
    def _processes(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a process name")
        return value

    @field_validator("cron")
    @classmethod
    def _cron(cls, value: dict[str, CronJob | None]) -> dict[str, CronJob | None]:
        for name in value:
            if name in TAKEN:
                raise ValueError(f"{name!r} is taken: a unit of the application's is called so")
            if not NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not a job's name: up to 28 of a-z, 0-9 and -, beginning with a "
                    "letter"
                )
        if len(value) > MOST_JOBS:
            raise ValueError(f"more than {MOST_JOBS} jobs")
        return value

    @field_validator("scale")
    @classmethod
    def _scale(cls, value: dict[str, int]) -> dict[str, int]:
        if value.get("web", 1) != 1:
            raise ValueError(
                "web: each host runs exactly one, which has the port: for more give more hosts "
                "(--hosts), or let it start workers of its own (such as WEB_CONCURRENCY); an "
                "application without one has no process `web`"
            )
        return value

    @field_validator("env")
    @classmethod
    def _env_names(cls, value: dict[str, str]) -> dict[str, str]:
        """Values are text alone: YAML reads 3.10 as 3.1 and 01234 as 668."""
        for name, one in value.items():
            if not VARIABLE.fullmatch(name) or "\0" in one:
                raise ValueError(f"{name!r} is not a variable that a process can have")
            if name == GIVEN:
                raise ValueError(problem(name))
        return value

    @field_validator("secrets")
    @classmethod
    def _secret_names(cls, value: dict[str, DeclaredSecret]) -> dict[str, DeclaredSecret]:
        for said in filter(None, map(problem, value)):
            raise ValueError(said)
        return value

    def over(self, stack: TechStack) -> TechStack:
        """The stack with everything that the settings say otherwise."""
        said = {
            key: value
            for key, value in self.model_dump(include=FOUND, exclude_unset=True).items()
            if value is not None or key in REMOVABLE
        }
        together = {**stack.processes, **self.processes}
        processes = {name: one for name, one in together.items() if one is not None}
        if self.start_command:
            processes["web"] = self.start_command
        elif "web" in self.processes:
            said["start_command"] = self.processes["web"]
        return stack.model_copy(update={**said, "processes": processes})

    @property
    def jobs(self) -> dict[str, CronJob]:
        """What runs at given times, by name."""
        return {name: one for name, one in self.cron.items() if one is not None}

    def engine(self, stack: TechStack) -> str | None:
        """The managed database that the application is to have: `postgresql`, `mysql` or none."""
        if self.database is False or self.target == "ssh":
            return None
        if self.database is None and DATABASE_URL in self.env:
            return None
        return next((one for one in MANAGED if one in stack.databases), None)

    def has_cache(self, stack: TechStack) -> bool:
        """Whether the application is to have a managed Redis."""
        if self.target == "ssh":
            return False
        if self.cache is None:
            return REDIS in stack.databases and REDIS_URL not in self.env
        return self.cache

    def without_secrets(self) -> dict[str, Any]:
        """What was said, as a state may hold it: no variable's value, and not who and where.

        What variables say of the infrastructure is kept: whose the database is, and the Redis.
        """
        said = self.model_dump(mode="json", exclude={"env", *IDENTITY}, exclude_unset=True)
        if self.database is None and DATABASE_URL in self.env:
            said["database"] = False
        if self.cache is None and REDIS_URL in self.env:
            said["cache"] = False
        return said

    def variable_marks(self) -> dict[str, str]:
        """By variable, what tells a change of its value, and far too little to tell the value."""
        said = {name: f"{name}={value}".encode() for name, value in self.env.items()}
        return {name: hashlib.sha256(one).hexdigest()[:MARK] for name, one in said.items()}

    def ends_tls(self, stack: TechStack) -> bool:
        """Whether the host itself is to have the domain's certificate: one host alone can."""
        hosts = len(self.addresses) if self.target == "ssh" else self.hosts
        served = self.domain and stack.answers and self.protocol == "http" and hosts == 1
        return bool(served) and not self.balanced(stack)

    def balanced(self, stack: TechStack) -> bool:
        """Whether a load balancer stands before the hosts."""
        if self.target == "ssh" or self.protocol == "tcp" or not stack.answers:
            return False
        return self.hosts > 1 if self.load_balancer is None else self.load_balancer
