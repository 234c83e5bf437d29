#!/usr/bin/python3
"""What the application's user can do, and what it cannot, on the host itself.

Reads {"password": ..., "ca_file": ...} from standard input.
"""

import json
import sys

import psycopg2

given = json.load(sys.stdin)


def ask(statement, database="shop", **otherwise):
    """Why the server refuses a statement; None where it does not."""
    place = {"host": "localhost", "user": "shop_app", "password": given["password"]}
    tls = {"sslmode": "verify-full", "sslrootcert": given["ca_file"]}
    try:
        connection = psycopg2.connect(dbname=database, **{**place, **tls, **otherwise})
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.Error as error:
        return str(error)
    return None


for statement in (
    "CREATE TABLE notes (id int PRIMARY KEY, said text)",
    "INSERT INTO notes VALUES (1, 'grüße'); ALTER TABLE notes ADD COLUMN more int",
    "CREATE SCHEMA drizzle; CREATE EXTENSION citext; CREATE TEMPORARY TABLE t ()",
    "SELECT 1 / (SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid())",
):
    assert ask(statement) is None, (statement, ask(statement))
for statement in (
    "CREATE ROLE other",
    "ALTER ROLE shop_app CREATEDB",
    "SET ROLE boss",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "SELECT * FROM pg_authid",
):
    said = ask(statement) or ""
    assert "permission denied" in said or "must be superuser" in said, (statement, said)
assert "permission denied" in (ask("SELECT 1", database="postgres") or "")
assert "authentication failed" in (ask("SELECT 1", password="an0ther") or "")
