"""All settings.

Precedence: flag > AUTODEPLOY_* > autodeploy.yml > what earlier flags said of the infrastructure >
detected > default.

Who the application is (`name`, `environment`, `target`, `region`, `profile`) and how this machine
works on it (`forks`, `lock_wait`, `state`) is known before its repository is read, so those
come from flags and the environment only.
"""

from autodeploy.settings.load import FILE, load, variable
from autodeploy.settings.model import (
    DATABASE_URL,
    FORKS,
    HOST_SETTINGS,
    IDENTITY,
    INFRASTRUCTURE,
    INSIDE,
    MANAGED,
    NAME,
    PREFIX,
    Settings,
)

__all__ = [
    "DATABASE_URL",
    "FILE",
    "FORKS",
    "HOST_SETTINGS",
    "IDENTITY",
    "INFRASTRUCTURE",
    "INSIDE",
    "MANAGED",
    "NAME",
    "PREFIX",
    "Settings",
    "load",
    "variable",
]
