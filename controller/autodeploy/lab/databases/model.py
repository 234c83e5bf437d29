"""moto's DB instance, with a real database behind it: what the API says of one."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import string
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow
from moto.rds.models import DBInstance, DBParameterGroup, Event, MasterUserSecret

from autodeploy.errors import AutodeployError
from autodeploy.lab.databases import parameters
from autodeploy.lab.databases.database import Database, Watch
from autodeploy.lab.databases.engines import Engine
from autodeploy.lab.databases.placement import Place

REASON_LENGTH = 900
ALPHABET = string.ascii_letters + string.digits + "!#$%&()*+,-.:;<=>?[]^_{|}~"
PASSWORD_LENGTH = 28


class LabEvent(Event):
    """One event of DescribeEvents; moto's own has a fixed list of messages."""

    def __init__(self, source: DBInstance, message: str, category: str) -> None:
        super().__init__("DB_INSTANCE_CREATE", source)
        self.message = message
        self.event_categories = [category]


class LabMasterUserSecret(MasterUserSecret):
    """The secret that RDS manages, with a password of its own in it."""

    def __init__(self, resource: DBInstance, kms_key_id: str | None) -> None:
        self.password = new_password()
        super().__init__(resource, kms_key_id)

    def _generate_secret_string(self) -> str:
        return secret_string(self.resource.master_username, self.password)

    def replace(self, password: str, version: str) -> None:
        """Make a password the current one, in a version of that name."""
        self.password = password
        said = {
            "createdate": int(utcnow().timestamp()),
            "version_id": version,
            "version_stages": ["AWSCURRENT"],
            "secret_string": self._generate_secret_string(),
        }
        self.secret.reset_default_version(said, version)


class LabDBInstance(DBInstance):
    """A DB instance whose state is that of a real database."""

    __module__ = DBInstance.__module__  # moto sorts its models by where they are

    master_user_secret: LabMasterUserSecret

    def __init__(self, backend: Any, kind: Engine, place: Place, **kwargs: Any) -> None:
        self.kind = kind
        kwargs["vpc_security_group_ids"] = [one.id for one in place.interface.group_set]
        self.place = place
        managed = kwargs.pop("manage_master_user_password", None)
        kms_key = kwargs.pop("master_user_secret_kms_key_id", None)
        super().__init__(backend, **kwargs)
        self.status = "creating"
        self.has_answered = False
        self.dbi_resource_id = f"db-{_letters(26)}"
        self.availability_zone = place.interface.availability_zone
        self.parameter_apply_status = "in-sync"
        self.real: Database | None = None
        self.manage_master_user_password = False
        self.manage(managed, kms_key)

    def manage(self, wanted: bool | None, kms_key: str | None) -> str | None:
        """Let RDS manage the master user's password or not; None leaves it as it is.

        Returns:
            The password that it is to have now; None where it keeps its own.
        """
        managed = self.manage_master_user_password
        if wanted is None or bool(wanted) == managed:
            return None
        self.manage_master_user_password = bool(wanted)
        if not wanted:
            self.master_user_secret.delete_secret()
            del self.master_user_secret
            return None
        self.master_user_secret = LabMasterUserSecret(self, kms_key)
        return self.master_user_secret.password

    @property
    def listens(self) -> int:
        """Its port."""
        return int(self.port or self.kind.port)

    @property
    def address(self) -> str:
        """Its DNS name: the part after its own is the account's in the region, as on AWS."""
        said = f"{self.account_id}/{self.region}".encode()
        account = int(hashlib.sha256(said).hexdigest(), 16)
        return (
            f"{self.db_instance_identifier}.c{_base36(account, 11)}.{self.region}.rds.amazonaws.com"
        )

    @property
    def endpoint(self) -> dict[str, Any] | None:  # type: ignore[override]
        """Where it answers; AWS says nothing until it has answered once."""
        return super().endpoint if self.has_answered else None

    @property
    def db_parameter_group_status_list(self) -> Any:
        """Its parameter group and whether the server has its values."""
        return [
            {
                "DBParameterGroupName": group.name,
                "ParameterApplyStatus": self.parameter_apply_status,
            }
            for group in self.db_parameter_groups()
        ]

    def db_parameter_groups(self) -> list[DBParameterGroup]:
        """Its parameter group, the default one with all parameters in it."""
        groups = super().db_parameter_groups()
        for group in groups:
            if not group.parameters:
                group.parameters.update(parameters.described(self.kind))
        return groups

    def default_db_parameter_group_details(self) -> tuple[str, str]:
        """The family and the name of its default group."""
        return self.kind.family, f"default.{self.kind.family}"

    def existing(self) -> Database:
        """The database behind it."""
        assert self.real is not None  # noqa: S101  # it has one from its creation on
        return self.real

    def wanted_values(self) -> dict[str, str]:
        """The values that its parameter group asks for."""
        group: Mapping[str, Any] = self.db_parameter_groups()[0].parameters
        said = {name: str(one["ParameterValue"]) for name, one in group.items()}
        return parameters.effective(self.kind, said)

    def watch(self, message: str, ended: str = "stopped") -> Watch:
        """What keeps its state true; `message` is the event when it answers."""
        return Watch(
            ready=lambda: self.become("available", message),
            failed=self.fail,
            ended=lambda: self.become(ended, "DB instance stopped"),
        )

    def become(self, status: str, message: str = "", category: str = "notification") -> None:
        """Take on a state, unless it is being deleted."""
        if self.status != "deleting":
            self.status = status
            self.has_answered |= status == "available"
            self.tell(message, category)

    def fail(self, error: AutodeployError | OSError) -> None:
        """Be `failed`, for a reason that DescribeEvents tells."""
        self.become("failed", _printable(str(error)), "failure")

    def tell(self, message: str, category: str = "notification") -> None:
        """Let DescribeEvents say something of it."""
        if message:
            self.backend.events.append(LabEvent(self, message, category))


def new_password() -> str:
    """A password that both engines and AWS's rules accept."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))


def secret_string(user: str | None, password: str) -> str:
    """A managed secret's value in AWS's form."""
    return json.dumps({"username": user, "password": password})


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(count))


def _base36(number: int, digits: int) -> str:
    alphabet = string.digits + string.ascii_lowercase
    return "".join(alphabet[number // 36**place % 36] for place in range(digits))


def _printable(text: str) -> str:
    """What may become a part of XML; what happened stands first, why it did stands last."""
    printable = re.sub(r"\x1b\[[0-9;]*m|[^ -~]+", " ", text)
    if len(printable) <= REASON_LENGTH:
        return printable
    return f"{printable[:100]} ... {printable[-REASON_LENGTH:]}"
