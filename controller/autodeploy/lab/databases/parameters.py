"""The parameters of a DB parameter group that the lab carries out; AWS has hundreds more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autodeploy.lab.databases.engines import Engine

ON_OFF = "0,1"
MAX_CONNECTIONS = "max_connections"
FORCE_SSL = "rds.force_ssl"
SECURE_TRANSPORT = "require_secure_transport"


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: RDS's name of it.
        default: What it is where the group says nothing.
        allowed: Its values as RDS writes them: `0,1`, or a range `6-8388607`.
        static: Whether a change waits for a reboot.
    """

    name: str
    default: str
    allowed: str
    static: bool = False

    def accepts(self, value: str) -> bool:
        """Whether it may have a value."""
        bounds = re.fullmatch(r"(-?\d+)-(\d+)", self.allowed)
        if not bounds:
            return value in self.allowed.split(",")
        low, high = map(int, bounds.groups())
        return bool(re.fullmatch(r"-?\d{1,18}", value)) and low <= int(value) <= high


_POSTGRESQL = (
    Parameter(MAX_CONNECTIONS, "100", "6-8388607", static=True),
    Parameter(FORCE_SSL, "1", ON_OFF),
    Parameter("log_min_duration_statement", "-1", "-1-2147483647"),
    Parameter("log_statement", "none", "none,ddl,mod,all"),
    Parameter("log_connections", "0", ON_OFF),
    Parameter("statement_timeout", "0", "0-2147483647"),
    Parameter("idle_in_transaction_session_timeout", "86400000", "0-2147483647"),
    Parameter("work_mem", "4096", "64-2147483647"),
)
_MARIADB = (
    Parameter(MAX_CONNECTIONS, "151", "10-100000"),
    Parameter(SECURE_TRANSPORT, "0", ON_OFF),
    Parameter("slow_query_log", "0", ON_OFF),
    Parameter("long_query_time", "10", "0-31536000"),
    Parameter("wait_timeout", "28800", "1-31536000"),
    Parameter("max_allowed_packet", "16777216", "1024-1073741824"),
    Parameter("performance_schema", "0", ON_OFF, static=True),
)
_ON = Parameter(SECURE_TRANSPORT, "1", ON_OFF)


def of(engine: Engine) -> tuple[Parameter, ...]:
    """The parameters of an engine, with the defaults that RDS has in that version."""
    if engine.product == "postgresql":
        return _POSTGRESQL
    if engine.family == "mariadb11.8":
        return tuple(_ON if one.name == SECURE_TRANSPORT else one for one in _MARIADB)
    return _MARIADB


def described(engine: Engine) -> dict[str, dict[str, object]]:
    """What DescribeDBParameters says of a group in which nobody has changed anything."""
    return {
        one.name: {
            "ParameterName": one.name,
            "ParameterValue": one.default,
            "Source": "engine-default",
            "ApplyType": "static" if one.static else "dynamic",
            "ApplyMethod": "pending-reboot",
            "AllowedValues": one.allowed,
            "IsModifiable": True,
        }
        for one in of(engine)
    }


def effective(engine: Engine, group: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter under a group's settings."""
    return {one.name: group.get(one.name, one.default) for one in of(engine)}


def without_reboot(
    engine: Engine, running: Mapping[str, str], wanted: Mapping[str, str]
) -> dict[str, str]:
    """What a server that runs with some values has at once, when others are wanted."""
    static = {one.name for one in of(engine) if one.static}
    return {name: (running if name in static else wanted)[name] for name in wanted}
