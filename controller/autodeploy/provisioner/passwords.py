"""Passwords that lie in Secrets Manager, read from there and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from autodeploy.aws import Cloud
from autodeploy.contracts import Database
from autodeploy.errors import ResourceFailed


class Login(NamedTuple):
    """A user of the database, with its password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r}, ***)"


def passwords(cloud: Cloud, database: Database) -> tuple[str, Callable[[], Login]]:
    """The password of the application's own user, and what reads the master's when it is called.

    RDS changes the master's every seven days: it is read when it is needed, and not before.

    Raises:
        CloudError: A secret cannot be read; so does the callable.
        ResourceFailed: A secret holds something else.
    """
    return secret_text(cloud, database.secret), partial(_master, cloud, database.master_secret)


def _master(cloud: Cloud, secret: str) -> Login:
    try:
        said = json.loads(secret_text(cloud, secret))
        return Login(str(said["username"]), str(said["password"]))
    except (ValueError, TypeError, KeyError):
        raise _strange(secret) from None


def secret_text(cloud: Cloud, secret: str) -> str:
    """The text of a secret that holds nothing else.

    Raises:
        CloudError: It cannot be read.
        ResourceFailed: It holds something else.
    """
    text = cloud.secretsmanager().get_secret_value(SecretId=secret).get("SecretString")
    if not text:
        raise _strange(secret)
    return text


def _strange(secret: str) -> ResourceFailed:
    return ResourceFailed(
        f"the secret {secret} does not hold what was put into it",
        remediation="Somebody has changed it: restore the version before (Secrets Manager keeps "
        "it as AWSPREVIOUS), then deploy again.",
    )
