"""What tests of the lab's databases share: making one, and talking to it from a host."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import WaiterError

from labkit import Machine, api

CA = "/etc/ssl/certs/rds-ca.pem"
CLIENTS = "sudo apt-get update -qq && sudo apt-get install -qq -y --no-install-recommends"
POLL = {"Delay": 1, "MaxAttempts": 120}
# Letters to look for, and characters that some quoting might get wrong; MariaDB's limit is 41.
LETTERS = "Unl1ke1yW0rd"
PASSWORD = LETTERS + "'\\$`=;%{}#!&*()|<>?~^[],.:"


@dataclass(frozen=True)
class Db:
    """A database and the host from which it is asked."""

    rds: Any
    client: Machine
    name: str
    user: str
    password: str

    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rds.describe_db_instances(DBInstanceIdentifier=self.name)
        return found["DBInstances"][0]

    def status(self) -> str:
        return self.described()["DBInstanceStatus"]

    def available(self) -> Db:
        try:
            self.rds.get_waiter("db_instance_available").wait(
                DBInstanceIdentifier=self.name, WaiterConfig=POLL
            )
        except WaiterError as error:
            raise AssertionError(self.events()) from error
        return self

    def delete(self, **how: Any) -> None:
        how = how or {"SkipFinalSnapshot": True}
        self.rds.delete_db_instance(DBInstanceIdentifier=self.name, **how)
        self.rds.get_waiter("db_instance_deleted").wait(
            DBInstanceIdentifier=self.name, WaiterConfig=POLL
        )

    def events(self) -> list[str]:
        found = self.rds.describe_events(SourceIdentifier=self.name, SourceType="db-instance")
        return [event["Message"] for event in found["Events"]]

    def ask(self, sql: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Carry out SQL on it, from the client host, with its certificate verified."""
        return self.client.ssh(self.command(sql, **how))

    def command(self, sql: str, **how: Any) -> str:
        """The command that does so, for the client host's shell."""
        described = self.described()
        client = _psql if described["Engine"] == "postgres" else _mariadb
        asked = {"user": self.user, "password": self.password, "database": "shop", **how}
        return f"printf %s {shlex.quote(sql)} | {client(described['Endpoint'], **asked)}"

    def answer(self, sql: str, **how: Any) -> str:
        done = self.ask(sql, **how)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


def create(info: Any, client: Machine, name: str, engine: str, version: str, **more: Any) -> Db:
    """Begin to make a database; with a managed password its own is in the secret."""
    rds = api(info, "rds")
    managed = more.get("ManageMasterUserPassword")
    given = {} if managed else {"MasterUserPassword": PASSWORD}
    made = rds.create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "Engine": engine,
            "EngineVersion": version,
            "DBInstanceClass": "db.t3.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "boss",
            "DBName": "shop",
            **given,
            **more,
        }
    )["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    return Db(rds, client, name, "boss", PASSWORD)


def _psql(endpoint: dict[str, Any], **asked: str) -> str:
    words = {
        "host": endpoint["Address"],
        "port": str(endpoint["Port"]),
        "user": asked["user"],
        "dbname": asked["database"],
        "sslmode": asked.get("tls", "verify-full"),
        "sslrootcert": asked.get("ca", CA),
        "connect_timeout": "5",
    }
    target = " ".join(f"{name}={value}" for name, value in words.items())
    return (
        f"PGPASSWORD={shlex.quote(asked['password'])} psql -XqAt -v ON_ERROR_STOP=1"
        f" {shlex.quote(target)}"
    )


def _mariadb(endpoint: dict[str, Any], **asked: str) -> str:
    tls = {
        "verify-full": f"--ssl-verify-server-cert --ssl-ca={asked.get('ca', CA)}",
        "disable": "--skip-ssl",
    }[asked.get("tls", "verify-full")]
    return (
        f"MYSQL_PWD={shlex.quote(asked['password'])} mariadb --no-defaults -BN {tls}"
        " --connect-timeout=5 --default-character-set=utf8mb4"
        f" -h {endpoint['Address']} -P {endpoint['Port']} -u {asked['user']} {asked['database']}"
    )
