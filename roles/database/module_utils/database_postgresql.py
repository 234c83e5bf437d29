"""An application's user on PostgreSQL: how it is asked, and how the master user mends it."""

from __future__ import annotations

try:
    import psycopg2
    from psycopg2 import sql
    from psycopg2.extensions import encrypt_password
except ImportError:
    psycopg2 = None

LIBRARY = "psycopg2"
MISSING = psycopg2 is None
Error = Exception if MISSING else psycopg2.Error
LONGEST = 63
CONNECT_SECONDS = 10

# Databases that the server's owner lets everybody into by default: the application's own, which is
# to be its alone, and the one that comes with the server. Others are none of the application's.
OPEN = """
SELECT d.datname FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT'
  AND d.datname IN (current_database(), 'postgres')
  AND d.datdba = (SELECT datdba FROM pg_database WHERE datname = current_database())
"""
MEMBERSHIPS = """
SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = %(user)s
"""
# Each is true where all is well, asked as the application's user.
CHECKS = {
    "it may do more than an ordinary user": """
        SELECT NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
        FROM pg_roles WHERE rolname = current_user""",
    "it has the rights of other roles": f"SELECT NOT EXISTS ({MEMBERSHIPS})",
    "it may not create in its database": """
        SELECT bool_and(has_database_privilege(current_database(), one))
        FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) one""",
    "it may not create in the schema public": """
        SELECT bool_and(has_schema_privilege(to_regnamespace('public')::oid, one))
        FROM unnest(ARRAY['USAGE', 'CREATE']) one""",
    "everybody may connect to its database": f"SELECT NOT EXISTS ({OPEN})",
}


def connect(place, user, password):
    """A connection to the application's database, with the server's name verified."""
    return psycopg2.connect(
        host=place["host"],
        port=place["port"],
        dbname=place["name"],
        user=user,
        password=password,
        sslmode="verify-full",
        sslrootcert=place["ca_file"],
        connect_timeout=CONNECT_SECONDS,
        application_name="autodeploy",
    )


def problems(connection, _name, user):
    """What is not in order about the user whose connection it is."""
    with connection.cursor() as cursor:
        found = []
        for problem, check in CHECKS.items():
            cursor.execute(check, {"user": user})
            if cursor.fetchone()[0] is not True:
                found.append(problem)
        return found


def mend(connection, name, user, password):
    """Make the user, or set it right: all of it or nothing.

    The server, and so its logs, get the SCRAM verifier and never the password.
    """
    verifier = encrypt_password(password, user, connection, "scram-sha-256")
    role, database = sql.Identifier(user), sql.Identifier(name)
    with connection, connection.cursor() as cursor:

        def do(statement, **parts):
            cursor.execute(sql.SQL(statement).format(role=role, database=database, **parts))

        def ask(query):
            cursor.execute(query, {"user": user})
            return [sql.Identifier(one) for (one,) in cursor.fetchall()]

        if not ask("SELECT rolname FROM pg_roles WHERE rolname = %(user)s"):
            do("CREATE ROLE {role}")
        do(
            "ALTER ROLE {role} LOGIN NOCREATEDB NOCREATEROLE INHERIT CONNECTION LIMIT -1"
            " PASSWORD {verifier} VALID UNTIL 'infinity'",
            verifier=sql.Literal(verifier),
        )
        for group in ask(MEMBERSHIPS):
            do("REVOKE {group} FROM {role}", group=group)
        do("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {role}")
        do("CREATE SCHEMA IF NOT EXISTS public")
        do("GRANT USAGE, CREATE ON SCHEMA public TO {role}")
        for one in ask(OPEN):
            do("REVOKE CONNECT, TEMPORARY ON DATABASE {open} FROM PUBLIC", open=one)
