"""Databases: what is created answers with TLS, keeps its data, and goes as RDS lets it go."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from autodeploy.lab.databases import mariadb, postgresql
from autodeploy.lab.databases.engines import ENGINES
from autodeploy.lab.site import Site
from labkit import allow, api, boot_host, default_group, open_group, until
from rdskit import CLIENTS, LETTERS, PASSWORD, POLL, Db, create

pytestmark = pytest.mark.lab
VERSION = {
    "postgres": "SHOW server_version",
    "mariadb": "SELECT @@version",
    "mysql": "SELECT @@version",
}
ENCRYPTED = {
    "postgres": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SELECT variable_value <> '' FROM information_schema.session_status"
    " WHERE variable_name = 'Ssl_cipher'",
}


@pytest.fixture(scope="module")
def client(lab, tmp_path_factory):
    """A host in the default VPC with both clients; its Debian has TLS checks in mariadb too."""
    ec2 = api(lab, "ec2")
    groups = [open_group(ec2, None, "rds-client"), default_group(ec2)]
    keys = tmp_path_factory.mktemp("rds") / "keys"
    machine = boot_host(lab, keys, SecurityGroupIds=groups)
    machine.run(f"{CLIENTS} postgresql-client mariadb-client openssl")
    yield machine
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])


@pytest.fixture(scope="module")
def both(lab, client):
    """A PostgreSQL and a MariaDB that tests may use one after the other."""
    made = {
        "postgres": create(lab, client, "kept-postgres", "postgres", "15"),
        "mariadb": create(lab, client, "kept-mariadb", "mariadb", "10.11"),
    }
    yield {name: db.available() for name, db in made.items()}
    for db in made.values():
        db.delete()


@pytest.fixture(params=["postgres", "mariadb"])
def db(both, request):
    return both[request.param]


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda one: one.family.replace(".", "-"))
def test_every_engine_answers_over_tls_and_is_gone_afterwards(lab, client, engine):
    name = f"one-{engine.name}-{engine.version.replace('.', '-')}"
    db = create(lab, client, name, engine.name, engine.version, Port=4444).available()
    endpoint = db.described()["Endpoint"]
    assert endpoint["Address"].startswith(f"{name}.")
    assert endpoint["Address"].endswith(".us-east-1.rds.amazonaws.com")
    assert endpoint["Port"] == 4444
    assert db.answer(VERSION[engine.name]).startswith(engine.release)
    assert db.events() == ["DB instance created"]
    address = socket.gethostbyname(endpoint["Address"])
    assert client.ssh(f"timeout 5 bash -c '< /dev/tcp/{address}/22'").returncode
    db.delete()
    with pytest.raises(socket.gaierror):
        socket.gethostbyname(endpoint["Address"])
    assert refused(db.described) == "DBInstanceNotFound"


def test_a_connection_is_encrypted_and_another_authority_is_refused(db, client):
    engine = db.described()["Engine"]
    assert db.answer(ENCRYPTED[engine]) in {"t", "1"}
    wrong = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9"
    client.run(f"{wrong} -subj /CN=other -keyout /tmp/other.key -out /tmp/other.pem 2> /dev/null")
    done = db.ask("SELECT 1", ca="/tmp/other.pem")
    assert done.returncode
    assert "certificate" in done.stderr


def test_plain_connections_are_refused_where_tls_is_forced(both):
    done = both["postgres"].ask("SELECT 1", tls="disable")
    assert done.returncode
    assert "no encryption" in done.stderr
    assert both["mariadb"].answer("SELECT 1", tls="disable") == "1"


@pytest.mark.parametrize(
    ("engine", "version", "parameter"),
    [("postgres", "15", "rds.force_ssl"), ("mariadb", "10.11", "require_secure_transport")],
)
def test_a_parameter_group_is_applied(lab, client, engine, version, parameter):
    rds = api(lab, "rds")
    group, family = f"group-{engine}", f"{engine}{version}"
    rds.create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily=family, Description="a test's"
    )
    db = create(lab, client, f"of-group-{engine}", engine, version, DBParameterGroupName=group)

    def change(name, value, method="immediate"):
        one = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
        rds.modify_db_parameter_group(DBParameterGroupName=group, Parameters=[one])

    def listed(source):
        return rds.describe_db_parameters(DBParameterGroupName=group, Source=source)["Parameters"]

    def applied():
        return db.described()["DBParameterGroups"][0]["ParameterApplyStatus"]

    db.available()
    assert parameter in {one["ParameterName"] for one in listed("engine-default")}
    for value, code in (("0", 0), ("1", 1)):
        change(parameter, value)
        until(lambda: applied() == "in-sync")
        assert bool(db.ask("SELECT 1", tls="disable").returncode) is bool(code)
    (said,) = listed("user")
    assert (said["ParameterName"], said["ParameterValue"]) == (parameter, "1")
    static = ("max_connections", "33") if engine == "postgres" else ("performance_schema", "1")
    show = "SHOW {}" if engine == "postgres" else "SELECT @@{}"
    before = db.answer(show.format(static[0]))
    change(*static, "pending-reboot")
    until(lambda: applied() == "pending-reboot")
    assert db.answer(show.format(static[0])) == before
    rds.reboot_db_instance(DBInstanceIdentifier=db.name)
    assert db.available().answer(show.format(static[0])) == static[1]
    assert applied() == "in-sync"
    db.delete()


def test_the_master_user_rules_but_is_no_superuser(both):
    sql = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'boss'"
    assert both["postgres"].answer(sql) == "f|t|t"
    made = "CREATE ROLE app LOGIN PASSWORD 'eight888'; CREATE DATABASE other; CREATE TABLE t(n int)"
    for one in made.split("; "):
        both["postgres"].answer(one)
    assert both["postgres"].ask("COPY t FROM PROGRAM 'id'").returncode
    both["mariadb"].answer("CREATE USER app@'%' IDENTIFIED BY 'eight888'; CREATE DATABASE other")
    grants = both["mariadb"].answer("SHOW GRANTS")
    assert "CREATE USER" in grants
    assert "SUPER" not in grants
    assert "FILE" not in grants


def test_data_survives_reboot_stop_and_start(db):
    db.answer("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
    db.rds.reboot_db_instance(DBInstanceIdentifier=db.name)
    assert db.available().answer("SELECT n FROM kept") == "42"
    db.rds.stop_db_instance(DBInstanceIdentifier=db.name)
    until(lambda: db.status() == "stopped")
    assert db.ask("SELECT 1").returncode
    db.rds.start_db_instance(DBInstanceIdentifier=db.name)
    assert db.available().answer("SELECT n FROM kept") == "42"


def test_a_snapshot_restores_data_users_and_master(lab, client, db):
    engine = db.described()["Engine"]
    db.answer("CREATE TABLE saved (word varchar(9)); INSERT INTO saved VALUES ('grüße')")
    name = f"{db.name}-saved"
    if engine == "postgres":
        db.answer("CREATE ROLE reader LOGIN PASSWORD 'it''s8888'")
        db.answer('GRANT SELECT ON saved TO reader; CREATE DATABASE "se\'cond"')
    else:
        db.answer("CREATE USER reader@'%' IDENTIFIED BY 'it''s8888'")
        db.answer("GRANT SELECT ON shop.saved TO reader@'%'; CREATE DATABASE `se'cond`")
    db.rds.create_db_snapshot(DBInstanceIdentifier=db.name, DBSnapshotIdentifier=name)
    assert db.status() in {"backing-up", "available"}
    db.rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier=name, WaiterConfig=POLL)
    db.answer("DROP TABLE saved")
    (dump,) = Site.here().snapshots.glob(f"*-{name}")
    assert dump.stat().st_mode & 0o777 == 0o600
    restored = f"{db.name}-again"
    db.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=restored, DBSnapshotIdentifier=name
    )
    again = Db(db.rds, client, restored, db.user, db.password).available()
    assert again.answer("SELECT word FROM saved") == "grüße"
    assert again.answer("SELECT word FROM saved", user="reader", password="it's8888") == "grüße"
    assert again.ask("DROP TABLE saved", user="reader", password="it's8888").returncode
    names = "SELECT datname FROM pg_database" if engine == "postgres" else "SHOW DATABASES"
    assert "se'cond" in again.answer(names).splitlines()
    again.answer("DROP TABLE saved")
    again.delete()
    db.rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    assert not dump.exists()


def test_it_is_deleted_only_as_rds_allows(lab, client):
    db = create(lab, client, "guarded", "postgres", "15", DeletionProtection=True).available()
    delete = db.rds.delete_db_instance
    skip = {"DBInstanceIdentifier": "guarded", "SkipFinalSnapshot": True}
    assert refused(delete, **skip) == "InvalidParameterCombination"
    change = {"DeletionProtection": False, "DBInstanceClass": "db.t3.small"}
    db.rds.modify_db_instance(DBInstanceIdentifier="guarded", ApplyImmediately=True, **change)
    db.available()
    assert refused(delete, DBInstanceIdentifier="guarded") == "InvalidParameterCombination"
    assert db.described()["DBInstanceClass"] == "db.t3.small"
    both = {**skip, "FinalDBSnapshotIdentifier": "last"}
    assert refused(delete, **both) == "InvalidParameterCombination"
    db.answer("CREATE TABLE last (n int)")
    gone = delete(DBInstanceIdentifier="guarded", FinalDBSnapshotIdentifier="last")["DBInstance"]
    assert gone["DBInstanceStatus"] == "deleting"
    db.rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="guarded", WaiterConfig=POLL)
    (last,) = db.rds.describe_db_snapshots(DBSnapshotIdentifier="last")["DBSnapshots"]
    assert last["Status"] == "available"
    assert b"PGDMP" in next(Site.here().snapshots.glob("*-last")).read_bytes()


def test_a_managed_password_is_in_a_secret_and_rotates(lab, client):
    secrets = api(lab, "secretsmanager")
    db = create(lab, client, "managed", "postgres", "15", ManageMasterUserPassword=True).available()
    arn = db.described()["MasterUserSecret"]["SecretArn"]

    def said():
        return json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])

    first = said()
    assert first["username"] == "boss"
    assert db.answer("SELECT 1", password=first["password"]) == "1"
    secrets.rotate_secret(SecretId=arn)
    db.available()
    until(lambda: said() != first)
    assert db.ask("SELECT 1", password=first["password"]).returncode
    assert db.answer("SELECT 1", password=said()["password"]) == "1"
    db.delete()
    assert refused(secrets.describe_secret, SecretId=arn) == "ResourceNotFoundException"


def test_a_new_password_is_the_only_one(db):
    db.rds.modify_db_instance(
        DBInstanceIdentifier=db.name, MasterUserPassword="an0ther'one", ApplyImmediately=True
    )
    db.available()
    assert db.ask("SELECT 1").returncode
    assert db.answer("SELECT 1", password="an0ther'one") == "1"
    db.rds.modify_db_instance(
        DBInstanceIdentifier=db.name, MasterUserPassword=PASSWORD, ApplyImmediately=True
    )
    assert db.available().answer("SELECT 1") == "1"


def test_a_password_stays_in_no_file(both):
    """It is looked for in all that the lab has written, the hosts' disks included."""
    assert both
    found = subprocess.run(
        ["grep", "-rlF", "--", LETTERS, Site.here().folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


@pytest.mark.parametrize(
    ("engine", "version", "everything"),
    [
        ("postgres", "15", {"log_statement": "all", "log_min_duration_statement": "0"}),
        ("mariadb", "10.11", {"slow_query_log": "1", "long_query_time": "0"}),
    ],
)
def test_a_password_stays_out_of_a_log_of_everything(lab, client, engine, version, everything):
    rds, name = api(lab, "rds"), f"logs-{engine}"
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily=f"{engine}{version}", Description="all"
    )
    said = [
        {"ParameterName": one, "ParameterValue": value, "ApplyMethod": "immediate"}
        for one, value in everything.items()
    ]
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=said)
    before = set(Site.here().hosts.glob("db-*"))
    db = create(lab, client, name, engine, version, DBParameterGroupName=name).available()
    (host,) = set(Site.here().hosts.glob("db-*")) - before
    db.answer("SELECT 'this is logged'")
    again = {"MasterUserPassword": f"{LETTERS}-2", "ApplyImmediately": True}
    rds.modify_db_instance(DBInstanceIdentifier=name, **again)
    db.available()

    def holding(words):
        grep = ["grep", "-rlF", "--", words, host / "upper", Site.here().log]
        return subprocess.run(grep, capture_output=True, text=True, check=False).stdout

    until(lambda: holding("this is logged"))
    assert holding(LETTERS) == ""
    db.delete()


WANTED = {
    "DBInstanceIdentifier": "never",
    "DBInstanceClass": "db.t3.micro",
    "Engine": "postgres",
    "MasterUsername": "boss",
    "MasterUserPassword": "long enough".replace(" ", "-"),
    "AllocatedStorage": 20,
}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"EngineVersion": "9.6"}, "InvalidParameterCombination"),
        ({"Engine": "oracle-ee"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"ManageMasterUserPassword": True}, "InvalidParameterCombination"),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue"),
        ({"DBName": "no-dash"}, "InvalidParameterValue"),
        ({"Port": 80}, "InvalidParameterValue"),
        ({"DBParameterGroupName": "no-such"}, "DBParameterGroupNotFound"),
        ({"DBSubnetGroupName": "no-such"}, "DBSubnetGroupNotFoundFault"),
        ({"DBInstanceIdentifier": "-x"}, "InvalidParameterValue"),
    ],
)
def test_what_rds_refuses_to_create(lab, asked, expected):
    rds = api(lab, "rds")
    assert refused(rds.create_db_instance, **{**WANTED, **asked}) == expected
    assert refused(rds.describe_db_instances, DBInstanceIdentifier="never") == "DBInstanceNotFound"


def test_nothing_is_done_with_a_database_that_is_not_ready(lab, client):
    db = create(lab, client, "unready", "postgres", "15")
    for call, more in (
        (db.rds.reboot_db_instance, {}),
        (db.rds.stop_db_instance, {}),
        (db.rds.start_db_instance, {}),
        (db.rds.modify_db_instance, {"MasterUserPassword": "long-enough"}),
        (db.rds.create_db_snapshot, {"DBSnapshotIdentifier": "of-unready"}),
    ):
        assert refused(call, DBInstanceIdentifier="unready", **more) == "InvalidDBInstanceState"
    assert "Endpoint" not in db.described()
    db.delete()
    assert "unready." not in Path("/etc/hosts").read_text()


def test_a_stopped_one_can_be_deleted_without_a_last_snapshot(lab, client):
    before = set(Site.here().hosts.glob("db-*"))
    db = create(lab, client, "stopped", "mariadb", "10.11").available()
    (host,) = set(Site.here().hosts.glob("db-*")) - before
    db.rds.stop_db_instance(DBInstanceIdentifier=db.name, DBSnapshotIdentifier="before-stop")
    until(lambda: db.status() == "stopped")
    last = {"DBInstanceIdentifier": db.name, "FinalDBSnapshotIdentifier": "last-of-stopped"}
    assert refused(db.rds.delete_db_instance, **last) == "InvalidDBInstanceState"
    db.delete()
    assert not host.exists()
    (kept,) = db.rds.describe_db_snapshots(DBSnapshotIdentifier="before-stop")["DBSnapshots"]
    assert kept["Status"] == "available"


@pytest.mark.parametrize(("engine", "version"), [("postgres", "17"), ("mariadb", "11.8")])
def test_a_last_snapshot_of_the_newest_restores_too(lab, client, engine, version):
    name, last = f"newest-{engine}", f"newest-{engine}-last"
    db = create(lab, client, name, engine, version).available()
    host = "" if engine == "postgres" else "@'%'"
    secret = "PASSWORD" if engine == "postgres" else "IDENTIFIED BY"
    db.answer(f"CREATE USER reader{host} {secret} 'long-enough'")
    db.answer("CREATE TABLE saved (n int); INSERT INTO saved VALUES (7)")
    db.answer(f"GRANT SELECT ON saved TO reader{host}")
    db.delete(FinalDBSnapshotIdentifier=last)
    db.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=f"{name}-2", DBSnapshotIdentifier=last
    )
    again = Db(db.rds, client, f"{name}-2", db.user, db.password).available()
    reader = {"user": "reader", "password": "long-enough"}
    assert again.answer("SELECT n FROM saved", **reader) == "7"
    assert again.answer("SELECT n FROM saved") == "7"
    again.delete()


def test_a_managed_one_is_restored_with_a_secret_of_its_own(lab, client):
    secrets = api(lab, "secretsmanager")
    first = create(lab, client, "of-secret", "postgres", "15", ManageMasterUserPassword=True)
    first.available().delete(FinalDBSnapshotIdentifier="of-secret-last")
    first.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="of-secret-2", DBSnapshotIdentifier="of-secret-last"
    )
    again = Db(first.rds, client, "of-secret-2", "boss", "").available()
    arn = again.described()["MasterUserSecret"]["SecretArn"]
    said = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    assert again.answer("SELECT 1", password=said["password"]) == "1"
    again.delete()


def test_it_has_an_interface_in_its_subnet_group(lab, client):
    ec2, rds = api(lab, "ec2"), api(lab, "rds")
    vpc = ec2.create_vpc(CidrBlock="10.88.0.0/16")["Vpc"]["VpcId"]
    ranges = {"us-east-1a": "10.88.3.0/24", "us-east-1b": "10.88.4.0/24"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in ranges.items()
    ]
    group = ec2.create_security_group(GroupName="db", Description="a test's", VpcId=vpc)["GroupId"]
    rds.create_db_subnet_group(
        DBSubnetGroupName="inside", DBSubnetGroupDescription="a test's", SubnetIds=subnets
    )
    where = {
        "DBSubnetGroupName": "inside",
        "VpcSecurityGroupIds": [group],
        "AvailabilityZone": "us-east-1a",
    }
    db = create(lab, client, "inside", "postgres", "15", **where).available()
    ours = [{"Name": "vpc-id", "Values": [vpc]}]
    (interface,) = ec2.describe_network_interfaces(Filters=ours)["NetworkInterfaces"]
    assert interface["PrivateIpAddress"].startswith("10.88.3.")
    assert [one["GroupId"] for one in interface["Groups"]] == [group]
    address = socket.gethostbyname(db.described()["Endpoint"]["Address"])
    assert address == interface["PrivateIpAddress"]
    db.delete()
    assert ec2.describe_network_interfaces(Filters=ours)["NetworkInterfaces"] == []


def test_a_public_one_is_reached_from_this_machine(lab, client):
    group = open_group(client.ec2, None, "public-database")
    allow(client.ec2, group, "tcp", 3306, 3306)
    public = {"PubliclyAccessible": True, "VpcSecurityGroupIds": [group]}
    db = create(lab, client, "public", "mariadb", "10.11", **public).available()
    endpoint = db.described()["Endpoint"]
    with socket.create_connection((endpoint["Address"], endpoint["Port"]), timeout=5) as reached:
        assert b"MariaDB" in reached.recv(200)
    db.delete()


def test_a_server_that_cannot_start_has_failed_for_a_reason(lab, client):
    rds = api(lab, "rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="huge", DBParameterGroupFamily="postgres15", Description="a test's"
    )
    huge = {"ParameterName": "max_connections", "ParameterValue": "8388607"}
    rds.modify_db_parameter_group(
        DBParameterGroupName="huge", Parameters=[{**huge, "ApplyMethod": "pending-reboot"}]
    )
    db = create(lab, client, "too-huge", "postgres", "15", DBParameterGroupName="huge")
    until(lambda: db.status() == "failed")
    assert "the database server does not run" in db.events()[-1]
    assert "outside the valid range" in db.events()[-1]
    last = {"DBInstanceIdentifier": db.name, "FinalDBSnapshotIdentifier": "of-failed"}
    assert refused(rds.delete_db_instance, **last) == "InvalidDBInstanceState"
    db.delete()


def test_a_database_whose_host_dies_has_failed(lab, client):
    before = set(Site.here().hosts.glob("db-*"))
    db = create(lab, client, "doomed", "postgres", "15").available()
    (host,) = set(Site.here().hosts.glob("db-*")) - before
    os.kill(nspawn_of(host.name), signal.SIGKILL)
    until(lambda: db.status() == "failed")
    assert "ended with -9" in db.events()[-1]
    db.delete()
    assert not host.exists()


def nspawn_of(host):
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        words = one.read_bytes().split(b"\0")
        if words[0] == b"systemd-nspawn" and f"--machine={host}".encode() in words:
            return int(one.parent.name)
    raise AssertionError("no such systemd-nspawn")


passwords = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r"), min_size=1, max_size=40),
    min_size=25,
    max_size=25,
)


@settings(max_examples=2, deadline=None)
@given(passwords)
def test_any_password_reaches_postgresql_unchanged(both, wanted):
    db, names = both["postgres"], named(wanted)
    db.answer("".join(f"DROP ROLE IF EXISTS {name};" for name in names))
    made = (f"CREATE ROLE {u} LOGIN PASSWORD {postgresql.literal(p)};" for u, p in names.items())
    db.answer("\n".join(made))
    all_log_in(db, names, "shop")


@settings(max_examples=2, deadline=None)
@given(passwords)
def test_any_password_reaches_mariadb_unchanged(both, wanted):
    db, names = both["mariadb"], named(wanted)
    db.answer("".join(f"DROP USER IF EXISTS {name}@'%';" for name in names))
    made = (f"CREATE USER {u}@'%' IDENTIFIED BY {mariadb.literal(p)};" for u, p in names.items())
    db.answer("\n".join(made))
    all_log_in(db, names, "information_schema")


def named(wanted):
    return {f"user{number}": password for number, password in enumerate(wanted)}


def all_log_in(db, names, database):
    lines = [
        db.command("SELECT 1", user=name, password=password, database=database)
        for name, password in names.items()
    ]
    assert db.client.run("\n".join(lines)).split() == ["1"] * len(names)
