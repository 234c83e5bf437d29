"""The application's own user: made, kept in order, and able to do nothing but its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autodeploy.contracts import Database, Host, InfrastructureSpec, TechStack
from autodeploy.deployer import DatabaseLogins, database_variables
from autodeploy.deployer.database.user import role_secrets, role_variables
from autodeploy.deployer.variables import Secrets, environment
from autodeploy.errors import TaskFailed
from autodeploy.lab.site import Site
from autodeploy.runner import Play, pin, started, write_inventory
from autodeploy.settings import Settings
from labkit import api, boot_host, default_group, open_group, until
from rdskit import CLIENTS, create

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
CANARY = "Can4ryW0rd"
PASSWORD = CANARY + "'\"\\$`=;%{}#!&*()|<>?~^[],.:/@ ż🦆"
SERVERS = {"postgres-15": "postgresql", "postgres-17": "postgresql", "mysql-8.0": "mysql"}
LOGGED = {"log_statement": "all", "log_min_duration_statement": "0"}
SELF_SIGNED = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=other"
)
FAKE = """
import socket
server = socket.create_server(("127.0.0.1", 3307))
while True:
    one, _ = server.accept()
    # Protocol 10 with every capability but CLIENT_SSL.
    body = b"\\n8.0.0\\0\\1\\0\\0\\0AAAAAAAA\\0\\xff\\xf7\\xff\\2\\0\\xff\\xff\\x15" + bytes(10)
    body += b"BBBBBBBBBBBB\\0caching_sha2_password\\0"
    one.sendall(len(body).to_bytes(3, "little") + b"\\0" + body)
    open("/tmp/said", "ab").write(one.recv(4096))
    one.close()
"""


@pytest.fixture(scope="module")
def client(lab, tmp_path_factory):
    """A host of the application's, which the databases let in."""
    ec2 = api(lab, "ec2")
    groups = [open_group(ec2, None, "database-client"), default_group(ec2)]
    keys = tmp_path_factory.mktemp("database") / "keys"
    machine = boot_host(lab, keys, SecurityGroupIds=groups)
    machine.run(f"{CLIENTS} postgresql-client mariadb-client")
    yield machine
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])


@pytest.fixture(scope="module")
def servers(lab, client):
    rds = api(lab, "rds")
    group = {"DBParameterGroupName": "logged", "DBParameterGroupFamily": "postgres15"}
    rds.create_db_parameter_group(**group, Description="all")
    said = [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}
        for name, value in LOGGED.items()
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="logged", Parameters=said)
    made = {}
    for name in SERVERS:
        engine, version = name.split("-")
        more = {"DBParameterGroupName": "logged"} if name == "postgres-15" else {}
        identifier = name.replace(".", "-")
        made[name] = create(
            lab, client, identifier, engine, version, ManageMasterUserPassword=True, **more
        )
    yield {name: db.available() for name, db in made.items()}
    for db in made.values():
        db.delete()


@pytest.fixture
def spec(client):
    return spec_of(client)


def spec_of(machine):
    host_key = (machine.keys / "host.pub").read_text()
    host = Host(name="host-1", address=machine.address, host_key=host_key)
    where = {"application": "shop", "environment": "production", "target": "lab"}
    key = machine.keys / "user"
    return InfrastructureSpec(**where, image="debian-12", hosts=(host,), ssh_key=key)


class Server:
    """A server, and the role carried out on it."""

    def __init__(self, lab, db, engine, spec, folder, log):
        self.lab, self.engine, self.spec, self.folder, self.log = lab, engine, spec, folder, log
        endpoint = db.described()["Endpoint"]
        self.database = Database(
            engine=engine,
            host=endpoint["Address"],
            port=endpoint["Port"],
            name="shop",
            user="shop_app",
            secret="arn:app",
            master_secret=db.described()["MasterUserSecret"]["SecretArn"],
        )
        self.master = replace(db, password=self.login()["password"])
        self.app = replace(db, user="shop_app", password=PASSWORD)

    def login(self):
        secrets = api(self.lab, "secretsmanager")
        said = secrets.get_secret_value(SecretId=self.database.master_secret)
        return json.loads(said["SecretString"])

    def logins(self, password=PASSWORD):
        said = self.login()
        return DatabaseLogins(password, said["username"], said["password"])

    def prepare(self, logins=None):
        """Whether the role changed anything."""
        return self.role(logins or self.logins()).changed

    def role(self, logins=None, **otherwise):
        """The role as the controller runs it, with variables of the test's own."""
        logins = logins or self.logins()
        variables = {**role_variables(self.spec, self.database, logins), "database_ca": ""}
        secrets = role_secrets(logins)
        answer = {**variables, **secrets, **otherwise}
        known = pin(self.spec.hosts, self.folder)
        inventory = write_inventory(self.spec, self.folder / "other.json", known, {})
        play = Play(playbook="site.yml", inventory=inventory, tags=("database",))
        answers = {"database": lambda _host: answer}
        with started(play, self.log, "deployer", answers) as running:
            running.hide({name: answer[name] for name in secrets})
            return running.wait()


@pytest.fixture(params=SERVERS)
def server(request, server_of):
    return server_of(request.param)


@pytest.fixture(params=["postgres-15", "mysql-8.0"])
def one_of_each(request, server_of):
    return server_of(request.param)


@pytest.fixture
def server_of(lab, servers, spec, tmp_path, journal):
    log = journal.agent("deployer")
    yield lambda name: Server(lab, servers[name], SERVERS[name], spec, tmp_path, log)
    assert CANARY not in journal.path.read_text()
    assert not [one for one in tmp_path.glob("*.json") if CANARY in one.read_text()]


def test_it_is_made_once_and_then_the_master_is_not_needed(server):
    assert server.prepare() is True
    assert server.prepare(DatabaseLogins(PASSWORD)) is False
    api(server.lab, "secretsmanager").rotate_secret(SecretId=server.database.master_secret)
    server.master.available()
    stale = DatabaseLogins(PASSWORD, "boss", server.master.password)
    until(lambda: server.login()["password"] != stale.master_password)
    assert server.prepare(stale) is False


def test_it_can_do_what_migrations_do(server):
    server.prepare()
    made = "CREATE TABLE IF NOT EXISTS notes (id int PRIMARY KEY, said varchar(20))"
    server.app.answer(f"{made}; DELETE FROM notes; INSERT INTO notes VALUES (1, 'grüße')")
    server.app.answer("ALTER TABLE notes ADD COLUMN more int; CREATE INDEX more ON notes (more)")
    assert server.app.answer("SELECT said FROM notes") == "grüße"
    if server.engine == "postgresql":
        server.app.answer("CREATE EXTENSION citext; CREATE SCHEMA drizzle; CREATE TEMP TABLE t()")
    else:
        server.app.answer("CREATE VIEW one AS SELECT 1; CREATE TEMPORARY TABLE t (n int)")
    server.app.answer("DROP TABLE notes")


FORBIDDEN = {
    "postgresql": [
        ("CREATE ROLE other", "permission denied"),
        ("CREATE DATABASE other2", "permission denied"),
        ("ALTER ROLE shop_app CREATEDB", "permission denied"),
        ("SET ROLE boss", "permission denied"),
        ("SELECT * FROM masters", "permission denied"),
        ("COPY (SELECT 1) TO PROGRAM 'id'", "pg_execute_server_program"),
    ],
    "mysql": [
        ("CREATE USER other", "Access denied"),
        ("CREATE DATABASE other2", "Access denied"),
        ("SELECT * FROM other.masters", "command denied"),
        ("SELECT * FROM mysql.user", "command denied"),
        ("GRANT SELECT ON shop.* TO shop_app", "denied"),
    ],
}


def test_it_can_do_nothing_else(server):
    server.prepare()
    if server.engine == "postgresql":
        server.master.answer("CREATE TABLE IF NOT EXISTS masters (n int)")
        server.master.answer("DROP DATABASE IF EXISTS other")
        server.master.answer("CREATE DATABASE other")
        server.master.answer("CREATE TABLE IF NOT EXISTS masters (n int)", database="other")
        assert "permission denied" in server.app.ask("SELECT 1", database="postgres").stderr
        read = server.app.ask("SELECT * FROM masters", database="other")
    else:
        server.master.answer("CREATE DATABASE IF NOT EXISTS other")
        server.master.answer("CREATE TABLE IF NOT EXISTS other.masters (n int)")
        read = server.app.ask("SELECT 1", database="other")
        assert server.app.ask("SELECT 1", tls="disable").returncode
    assert read.returncode
    assert "denied" in read.stderr
    for sql, said in FORBIDDEN[server.engine]:
        done = server.app.ask(sql)
        assert done.returncode, sql
        assert said in done.stderr


def test_mysql_does_not_take_an_underscore_for_any_character(server_of):
    server = server_of("mysql-8.0")
    server.master.answer("CREATE DATABASE IF NOT EXISTS sh_p")
    assert server.role(database_name="sh_p", database_user="other_app").changed is True
    assert server.role(database_name="sh_p", database_user="other_app").changed is False
    other = replace(server.app, user="other_app")
    assert other.answer("SELECT 1", database="sh_p") == "1"
    assert "denied" in other.ask("SELECT 1", database="shop").stderr


LOCKED_OUT = {
    "postgresql": [
        "ALTER ROLE shop_app NOLOGIN PASSWORD 'an0ther-one' VALID UNTIL '2001-01-01'",
        "REVOKE ALL ON DATABASE shop FROM shop_app",
    ],
    "mysql": ["ALTER USER shop_app IDENTIFIED BY 'an0ther-one' ACCOUNT LOCK"],
}
DRIFT = {
    "postgresql": [
        ("REVOKE CREATE ON SCHEMA public FROM shop_app", "not create in the schema public"),
        ("REVOKE CREATE ON DATABASE shop FROM shop_app", "not create in its database"),
        ("ALTER ROLE shop_app CREATEDB CREATEROLE", "more than an ordinary user"),
        ("GRANT rds_superuser TO shop_app", "rights of other roles"),
        ("GRANT CONNECT ON DATABASE postgres TO PUBLIC", "everybody may connect"),
    ],
    "mysql": [
        ("ALTER USER shop_app REQUIRE NONE", "without TLS"),
        ("REVOKE INSERT ON shop.* FROM shop_app", "not do all in its database"),
        ("GRANT SELECT ON *.* TO shop_app", "more than use its database"),
        ("GRANT SELECT ON shop.* TO shop_app WITH GRANT OPTION", "more than use its database"),
        ("CREATE ROLE IF NOT EXISTS reader; GRANT reader TO shop_app", "rights of other roles"),
    ],
}


def test_who_is_locked_out_is_let_in_again(server):
    server.prepare()
    for sql in LOCKED_OUT[server.engine]:
        server.master.answer(sql)
    with pytest.raises(TaskFailed, match=r"shop_app cannot log in: .*no master user is given"):
        server.prepare(DatabaseLogins(PASSWORD))
    assert server.prepare() is True
    assert server.prepare(DatabaseLogins(PASSWORD)) is False


def test_rights_that_others_have_changed_are_mended(server):
    server.prepare()
    for sql, _problem in DRIFT[server.engine]:
        server.master.answer(sql)
    with pytest.raises(TaskFailed) as raised:
        server.prepare(DatabaseLogins(PASSWORD))
    assert [one for _, one in DRIFT[server.engine] if one not in str(raised.value)] == []
    assert server.prepare() is True
    assert server.prepare(DatabaseLogins(PASSWORD)) is False


def test_its_password_can_be_another(one_of_each):
    server = one_of_each
    server.prepare()
    other = f"{CANARY}-2"
    assert server.prepare(server.logins(other)) is True
    assert server.app.ask("SELECT 1").returncode
    assert replace(server.app, password=other).answer("SELECT 1") == "1"
    assert server.prepare() is True


def test_another_authority_is_refused(one_of_each, tmp_path):
    server = one_of_each
    made = [*SELF_SIGNED.split(), "-keyout", os.devnull, "-out", tmp_path / "other.pem"]
    subprocess.run(made, check=True, capture_output=True)
    other = (tmp_path / "other.pem").read_text()
    with pytest.raises(TaskFailed, match="certificate verify failed"):
        server.role(database_ca_file="/tmp/given.pem", database_ca=other)


def test_a_server_of_another_name_is_refused(one_of_each, client):
    server = one_of_each
    address = client.run(f"getent hosts {server.database.host}").split()[0]
    with pytest.raises(TaskFailed, match=r"does not match host name|IP address mismatch"):
        server.role(database_host=address)


def test_a_master_who_cannot_log_in_is_named(one_of_each):
    server = one_of_each
    with pytest.raises(TaskFailed, match=r"failed: as boss: .*(authentication failed|denied)"):
        server.role(database_master_password="wr0ng", database_user="new")


def test_the_role_runs_alone_and_in_check_mode_changes_nothing(one_of_each):
    server = one_of_each
    server.prepare()
    secrets = role_secrets(DatabaseLogins(PASSWORD))
    variables = role_variables(server.spec, server.database, DatabaseLogins(PASSWORD))
    known = pin(server.spec.hosts, server.folder)
    inventory = server.folder / "own.json"
    write_inventory(server.spec, inventory, known, {**variables, **secrets})

    def play(*words):
        command = ["ansible-playbook", "-i", inventory, "playbooks/roles/database.yml", *words]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        assert CANARY not in done.stdout + done.stderr
        return done

    assert "changed=0" in play().stdout
    revoke = {"postgresql": "ON DATABASE shop", "mysql": "ON shop.*"}[server.engine]
    server.master.answer(f"REVOKE CREATE {revoke} FROM shop_app")
    assert "changed=1" in play("--check", "--diff").stdout
    inventory.unlink()
    assert server.prepare() is True


CA, OTHER = "/etc/ssl/certs/rds-ca.pem", "/tmp/other.pem"
NO_STORE = {"SSL_CERT_FILE": OTHER, "SSL_CERT_DIR": "/nowhere"}
"""Debian's Node trusts Debian's authorities too, and on the lab's hosts its own is one of them."""
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
PYTHON = {
    "psycopg2": """
import psycopg2
for given in (os.environ["DATABASE_URL"], ""):
    cursor = psycopg2.connect(given).cursor()
    cursor.execute(ASK)
    print(cursor.fetchone()[0])
""",
    "sqlalchemy": """
import sqlalchemy
url = os.environ["DATABASE_URL"].replace("mysql:", "mysql+pymysql:")
with sqlalchemy.create_engine(url).connect() as connection:
    print(connection.execute(sqlalchemy.text(ASK)).scalar())
""",
    "django": """
import dj_database_url, django.conf, django.db
if os.environ["DATABASE_URL"].startswith("mysql:"):
    import pymysql
    pymysql.version_info = (1, 4, 6, "final", 0)
    pymysql.install_as_MySQLdb()
django.conf.settings.configure(DATABASES={"default": dj_database_url.config()})
with django.db.connection.cursor() as cursor:
    cursor.execute(ASK)
    print(cursor.fetchone()[0])
""",
}
NODE = {
    "pg": """
const pg = require("pg");
for (const given of [{connectionString: process.env.DATABASE_URL}, {}]) {
  const client = new pg.Client(given);
  await client.connect();
  console.log((await client.query({text: ASK, rowMode: "array"})).rows[0][0]);
  await client.end();
}
""",
    "postgres": """
const sql = require("postgres")(process.env.DATABASE_URL);
console.log((await sql.unsafe(ASK).values())[0][0]);
await sql.end();
""",
    "mysql2": """
const mysql = require("mysql2/promise");
const client = await mysql.createConnection(process.env.DATABASE_URL);
console.log((await client.query({sql: ASK, rowsAsArray: true}))[0][0][0]);
await client.end();
""",
}


@pytest.fixture(scope="module")
def libraries(client):
    """The libraries of applications, on the host."""
    names = "sqlalchemy django dj-database-url psycopg2 pymysql"
    client.run(f"{CLIENTS} nodejs npm {' '.join(f'python3-{one}' for one in names.split())}")
    client.run(f"npm install --silent --no-fund --no-audit {' '.join(NODE)}")
    client.run(f"{SELF_SIGNED} -keyout /dev/null -out {OTHER} 2> /dev/null")
    return client


@pytest.mark.parametrize(
    ("name", "library"),
    [
        *(("postgres-15", one) for one in ("psycopg2", "sqlalchemy", "django", "pg", "postgres")),
        *(("mysql-8.0", one) for one in ("sqlalchemy", "django", "mysql2")),
    ],
)
def test_what_an_application_is_told_is_understood(server_of, libraries, name, library):
    """And it is verified: with another authority no library goes on."""
    server = server_of(name)
    # PyMySQL takes no password beyond Latin-1.
    password = PASSWORD.encode("ascii", "ignore").decode()
    server.prepare(server.logins(password))
    language = "node" if library in NODE else "python"
    stack = TechStack(language=language, framework="django" if library == "django" else None)
    given = database_variables(server.database, password, stack)
    plain, secret = environment(given, Settings(), Secrets())
    ask = {"postgresql": ENCRYPTED, "mysql": "SELECT 'true'"}[server.engine]
    script = {
        "node": f"(async () => {{ const ASK = {json.dumps(ask)}; {NODE.get(library)} }})()",
        "python": f"import os; ASK = {ask!r}{PYTHON.get(library)}",
    }[language]
    program = {"node": "node -e", "python": "python3 -c"}[language]

    def run(ca):
        told = {name: value.replace(CA, ca) for name, value in {**plain, **secret}.items()}
        words = shlex.join(f"{name}={value}" for name, value in {**told, **NO_STORE}.items())
        return libraries.ssh(f"env {words} {program} {shlex.quote(script)}")

    done = run(CA)
    assert done.returncode == 0, done.stderr
    assert {one.lower() for one in done.stdout.split()} == {"true"}
    refused = run(OTHER)
    assert refused.returncode
    assert "certificate" in refused.stderr


def test_no_password_is_sent_to_a_server_without_tls(server_of, client):
    server = server_of("mysql-8.0")
    client.run(f"echo {shlex.quote(FAKE)} > /tmp/fake.py")
    client.run("sudo systemd-run --unit=fake --collect /usr/bin/python3 /tmp/fake.py")
    client.run("until ss -ltn | grep -q :3307; do :; done")
    with pytest.raises(TaskFailed, match="it offers no TLS"):
        server.role(database_host="localhost", database_port=3307)
    client.run("sudo systemctl stop fake")
    assert client.run("cat /tmp/said") == ""


def test_the_password_is_in_no_log_and_on_no_disk(servers):
    """Not even where PostgreSQL logs every statement."""
    assert servers
    found = subprocess.run(
        ["grep", "-rlF", "--", CANARY, Site.here().folder], capture_output=True, text=True
    )
    assert found.stdout == ""
    logged = subprocess.run(
        ["grep", "-rlF", "--", "SCRAM-SHA-256$", Site.here().hosts], capture_output=True, text=True
    )
    assert logged.stdout != ""


def test_a_host_with_debian_13_makes_it_too(lab, servers, tmp_path, journal):
    ec2 = api(lab, "ec2")
    groups = [open_group(ec2, None, "database-client-13"), default_group(ec2)]
    machine = boot_host(lab, tmp_path / "thirteen", release=13, SecurityGroupIds=groups)
    log = journal.agent("deployer")
    for name in ("postgres-17", "mysql-8.0"):
        server = Server(lab, servers[name], SERVERS[name], spec_of(machine), tmp_path, log)
        assert server.prepare(server.logins(f"{CANARY}-13")) is True
        assert server.prepare(DatabaseLogins(f"{CANARY}-13")) is False
    ec2.terminate_instances(InstanceIds=[machine.instance_id])
