"""MariaDB as RDS runs it: the master user has every right but those that leave the server."""

from __future__ import annotations

from autodeploy.lab.databases import product
from autodeploy.lab.databases.product import CERTIFICATE, DATA, FOLDER, KEY, RUN, Values
from autodeploy.lab.inside import File

SOCKET = f"{RUN}/mysqld.sock"
SETTINGS = f"{FOLDER}/my.cnf"
FIXED = {
    "datadir": DATA,
    "socket": SOCKET,
    "pid_file": f"{RUN}/mysqld.pid",
    "bind_address": "*",
    "skip_name_resolve": "1",
    "character_set_server": "utf8mb4",
    "ssl_cert": CERTIFICATE,
    "ssl_key": KEY,
    "innodb_buffer_pool_size": "32M",
    "innodb_flush_log_at_trx_commit": "2",
    "slow_query_log_file": f"{DATA}/slow.log",
}
RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,"
    " SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE,"
    " BINLOG MONITOR, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT,"
    " TRIGGER"
)


# A log of all statements, or of slow ones, would have the password in it.
UNLOGGED = "SET sql_log_off = 1;\nSET SESSION slow_query_log = 0;\n"


class MariaDb:
    """The texts for MariaDB; its versions do not differ in them."""

    def __init__(self, port: int) -> None:
        self._port = port

    user = "mysql"
    initialise = (
        f"mariadb-install-db --no-defaults --datadir={DATA} --skip-test-db --cross-bootstrap"
        " --auth-root-authentication-method=socket --skip-name-resolve > /dev/null"
    )
    client: tuple[str, ...] = (
        *("mariadb", "--no-defaults", "--skip-ssl", f"--socket={SOCKET}", "--user=root"),
        *("--batch", "--default-character-set=utf8mb4"),
    )
    dump = (
        f"mariadb-dump --no-defaults --skip-ssl --socket={SOCKET} --user=root --all-databases"
        " --single-transaction --routines --events --triggers --hex-blob --flush-privileges"
    )
    restore = f"mariadb --no-defaults --skip-ssl --socket={SOCKET} --user=root"

    def unit(self) -> str:
        """The systemd unit."""
        return product.unit(self.user, f"/usr/sbin/mariadbd --defaults-file={SETTINGS}", "SIGTERM")

    def configuration(self, values: Values) -> tuple[File, ...]:
        """my.cnf."""
        settings = {**FIXED, "port": str(self._port), **values}
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        return (File(path=SETTINGS, content=f"[mariadbd]\n{lines}"),)

    def master(self, name: str, password: str, database: str | None) -> str:
        """SQL for the master user and the first database."""
        made = f"CREATE DATABASE {identifier(database)};\n" if database else ""
        return f"CREATE USER {literal(name)}@'%';\n{self.password(name, password)}{made}"

    def password(self, name: str, password: str) -> str:
        """SQL for another password; it gives the master user its rights back too, as RDS does."""
        user = f"{literal(name)}@'%'"
        return (
            f"{UNLOGGED}ALTER USER {user} IDENTIFIED BY {literal(password)};\n"
            f"GRANT {RIGHTS} ON *.* TO {user} WITH GRANT OPTION;\n"
        )

    def live(self, values: Values) -> str | None:
        """SQL for the running server."""
        return "".join(f"SET GLOBAL {name} = {value};\n" for name, value in values.items())


def identifier(name: str) -> str:
    """A name, quoted."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A string, quoted, for a server whose sql_mode is the default one."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
