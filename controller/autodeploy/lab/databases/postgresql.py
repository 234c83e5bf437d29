"""PostgreSQL as RDS runs it: rdsadmin owns the cluster, the master user is no superuser."""

from __future__ import annotations

from autodeploy.lab.databases import product
from autodeploy.lab.databases.parameters import FORCE_SSL
from autodeploy.lab.databases.product import CERTIFICATE, DATA, FOLDER, KEY, RUN, Values
from autodeploy.lab.inside import File

ADMIN = "rdsadmin"
# No host outlives this machine's page cache, so nothing is gained by waiting for its disk.
FIXED = {
    "data_directory": DATA,
    "hba_file": f"{FOLDER}/pg_hba.conf",
    "ident_file": f"{FOLDER}/pg_ident.conf",
    "listen_addresses": "*",
    "unix_socket_directories": RUN,
    "ssl": "on",
    "ssl_cert_file": CERTIFICATE,
    "ssl_key_file": KEY,
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "shared_buffers": "32MB",
    "fsync": "off",
}
# A statement that fails, or is slow, would be in the log with the password in it.
UNLOGGED = """SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
"""
ROLES = """CREATE ROLE rds_superuser;
CREATE ROLE rds_replication;
CREATE ROLE rds_password;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint, rds_replication, rds_password
  TO rds_superuser WITH ADMIN OPTION;
"""


class PostgreSql:
    """The texts for one version of PostgreSQL."""

    user = "postgres"

    def __init__(self, release: str, port: int) -> None:
        self._port = port
        self._programs = f"/usr/lib/postgresql/{release}/bin"
        self.client: tuple[str, ...] = (
            *("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"),
            *(
                f"{self._programs}/psql",
                "--no-psqlrc",
                "--quiet",
                f"--host={RUN}",
                f"--port={port}",
            ),
            *("--variable=ON_ERROR_STOP=1", "--variable=VERBOSITY=terse"),
            *(f"--username={ADMIN}", "--dbname=postgres"),
        )
        self.initialise = (
            f"{self._programs}/initdb --pgdata={DATA} --username={ADMIN} --encoding=UTF8"
            " --locale=C.UTF-8 --auth=peer --data-checksums --no-sync"
        )
        self.dump = _DUMP.format(programs=self._programs, run=RUN, port=port, admin=ADMIN)
        self.restore = _RESTORE.format(programs=self._programs, run=RUN, port=port, admin=ADMIN)

    def unit(self) -> str:
        """The systemd unit."""
        server = f"{self._programs}/postgres -D {DATA} -c config_file={FOLDER}/postgresql.conf"
        return product.unit(self.user, server, "SIGINT", "/bin/kill -HUP $MAINPID")

    def configuration(self, values: Values) -> tuple[File, ...]:
        """postgresql.conf, pg_hba.conf and pg_ident.conf."""
        own = {name: value for name, value in values.items() if not name.startswith("rds.")}
        # PostgreSQL's own limit must be below max_connections, which RDS lets go down to 6.
        settings = {
            **FIXED,
            "port": str(self._port),
            "superuser_reserved_connections": "2",
            "max_wal_senders": "0",
            **own,
        }
        lines = "".join(f"{name} = {literal(value)}\n" for name, value in settings.items())
        remote = "hostssl" if values.get(FORCE_SSL) == "1" else "host"
        entries = f"local all {ADMIN} peer map=rds\nlocal all all reject\n"
        for everywhere in ("0.0.0.0/0", "::/0"):
            entries += f"host all {ADMIN} {everywhere} reject\n"
            entries += f"{remote} all all {everywhere} scram-sha-256\n"
        return (
            File(path=f"{FOLDER}/postgresql.conf", content=lines),
            File(path=f"{FOLDER}/pg_hba.conf", content=entries),
            File(path=f"{FOLDER}/pg_ident.conf", content=f"rds postgres {ADMIN}\n"),
        )

    def master(self, name: str, password: str, database: str | None) -> str:
        """SQL for RDS's own roles and the master user, who owns the databases."""
        user = identifier(name)
        lines = [
            f"{ROLES}CREATE ROLE {user};",
            self.password(name, password),
            f"ALTER DATABASE postgres OWNER TO {user};",
        ]
        if database and database != "postgres":
            lines.append(f"CREATE DATABASE {identifier(database)} OWNER {user};")
        return "\n".join([*lines, ""])

    def password(self, name: str, password: str) -> str:
        """SQL for another password; it gives the master user its rights back too, as RDS does."""
        user = identifier(name)
        return (
            f"{UNLOGGED}ALTER ROLE {user} LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE"
            f" NOREPLICATION PASSWORD {literal(password)} VALID UNTIL 'infinity';\n"
            f"GRANT rds_superuser TO {user} WITH ADMIN OPTION;\n"
        )

    def live(self, values: Values) -> str | None:  # noqa: ARG002
        """Nothing: the server rereads its files."""
        return None


def identifier(name: str) -> str:
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string, quoted; standard_conforming_strings is on, so a backslash is only itself."""
    return "'" + text.replace("'", "''") + "'"


# Roles first, then each database in pg_dump's own format, which knows its name.
_DUMP = r"""umask 077
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
chown postgres .
admin() {{ tool=$1; shift; setpriv --reuid=postgres --regid=postgres --init-groups \
  "{programs}/$tool" --host={run} --port={port} --username={admin} "$@"; }}
admin pg_dumpall --database=postgres --roles-only > all.sql
grep -Ev '^(CREATE|ALTER) ROLE {admin}( |;)' all.sql > roles.sql
rm all.sql
admin pg_dump --format=custom postgres > postgres.dump
admin psql --no-psqlrc --no-align --tuples-only --dbname=postgres --command \
  "SELECT oid FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres'" \
  > oids
while read -r oid; do
  name=$(admin psql --no-psqlrc --no-align --tuples-only --dbname=postgres \
    --command "SELECT datname FROM pg_database WHERE oid = $oid")
  PGDATABASE="$name" admin pg_dump --format=custom --create > "$oid.dump"
done < oids
rm oids
tar -c .
"""
_RESTORE = r"""umask 077
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
tar -x --no-same-owner
chown -R postgres .
admin() {{ tool=$1; shift; setpriv --reuid=postgres --regid=postgres --init-groups \
  "{programs}/$tool" --host={run} --port={port} --username={admin} "$@"; }}
admin psql --no-psqlrc --quiet --dbname=postgres --variable=ON_ERROR_STOP=1 < roles.sql
admin pg_restore --exit-on-error --dbname=postgres < postgres.dump
for one in [0-9]*.dump; do
  [ -e "$one" ] || continue
  admin pg_restore --exit-on-error --create --dbname=postgres < "$one"
done
"""
