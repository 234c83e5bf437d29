"""All settings.

Precedence: flag > AUTODEPLOY_* > the environment's part of autodeploy.yml > the rest of it > what
earlier flags said of the infrastructure > detected > default.

Who the application is (`name`, `environment`, `target`, `region`, `profile`) and how this machine
works on it (`forks`, `lock_wait`, `state`) is known before its repository is read, so those
come from flags and the environment only.
"""

from autodeploy.settings.acme import Acme
from autodeploy.settings.file import FILE, SettingsFile, from_repository, parse
from autodeploy.settings.layers import Keys, Layer, Merged
from autodeploy.settings.load import laid, load, validated, variable
from autodeploy.settings.model import (
    DATABASE_URL,
    FORKS,
    FOUND,
    HOST_SETTINGS,
    IDENTITY,
    INFRASTRUCTURE,
    INSIDE,
    MANAGED,
    NAME,
    PREFIX,
    REDIS,
    REDIS_URL,
    Settings,
)
from autodeploy.settings.secrets import doubtful, problem, unfit
from autodeploy.settings.usage import Usage

__all__ = [
    "DATABASE_URL",
    "FILE",
    "FORKS",
    "FOUND",
    "HOST_SETTINGS",
    "IDENTITY",
    "INFRASTRUCTURE",
    "INSIDE",
    "MANAGED",
    "NAME",
    "PREFIX",
    "REDIS",
    "REDIS_URL",
    "Acme",
    "Keys",
    "Layer",
    "Merged",
    "Settings",
    "SettingsFile",
    "Usage",
    "doubtful",
    "from_repository",
    "laid",
    "load",
    "parse",
    "problem",
    "unfit",
    "validated",
    "variable",
]
