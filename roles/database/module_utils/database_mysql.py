"""An application's user on MySQL: how it is asked, and how the master user mends it."""

from __future__ import annotations

import ssl

try:
    import pymysql
    from pymysql.constants import CLIENT, CR
except ImportError:
    pymysql = None

LIBRARY = "pymysql"
MISSING = pymysql is None
Error = Exception if MISSING else pymysql.Error
LONGEST = 32
CONNECT_SECONDS = 10

# ALL on a database, said one by one: MariaDB's ALL has rights that RDS's master user cannot give.
RIGHTS = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER"),
    *("CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "CREATE VIEW", "SHOW VIEW"),
    *("CREATE ROUTINE", "ALTER ROUTINE", "EVENT", "TRIGGER"),
)
GLOBAL = """
SELECT privilege_type FROM information_schema.user_privileges
WHERE grantee = %s AND privilege_type <> 'USAGE'
"""
OWN = """
SELECT table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges
WHERE grantee = %s
"""


def connect(place, user, password):
    """A connection to the application's database, with the server's name verified."""
    return _encrypted()(
        host=place["host"],
        port=place["port"],
        database=place["name"],
        user=user,
        # A text would be taken for Latin-1.
        password=password.encode(),
        ssl=ssl.create_default_context(cafile=place["ca_file"]),
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        autocommit=True,
    )


def problems(connection, name, user):
    """What is not in order about the user whose connection it is."""
    found = []
    if _ask(connection, "SELECT CURRENT_USER()") != [(f"{user}@%",)]:
        found.append("another account takes its logins")
    ((described,),) = _ask(connection, "SHOW CREATE USER CURRENT_USER()")
    if " REQUIRE SSL" not in described:
        found.append("it may log in without TLS")
    if _ask(connection, "SELECT role_name FROM information_schema.applicable_roles"):
        found.append("it has the rights of other roles")
    if _excess(connection, name, user):
        found.append("it may do more than use its database")
    if set(_wanted(name)) - set(_ask(connection, OWN, _grantee(user))):
        found.append("it may not do all in its database")
    return found


def mend(connection, name, user, password):
    """Make the user, or set it right. MySQL leaves passwords out of its logs."""
    account = f"'{user}'@'%%'"
    login = f"{account} IDENTIFIED BY %s REQUIRE SSL"
    _ask(connection, f"CREATE USER IF NOT EXISTS {login}", password)
    _ask(connection, f"ALTER USER {login} ACCOUNT UNLOCK", password)
    for (line,) in _ask(connection, f"SHOW GRANTS FOR {account}"):
        if " ON " not in line:
            roles = line.removeprefix("GRANT ").rpartition(" TO ")[0]
            _ask(connection, f"REVOKE {roles.replace('%', '%%')} FROM {account}")
    if _excess(connection, name, user):
        _ask(connection, f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {account}")
    rights = ", ".join(RIGHTS)
    _ask(connection, f"GRANT {rights} ON `{_pattern(name)}`.* TO {account}")


def _encrypted():
    """PyMySQL's connection, but one that never goes on where a server offers no TLS."""

    class Connection(pymysql.connections.Connection):
        def _request_authentication(self):
            if not self.server_capabilities & CLIENT.SSL:
                raise pymysql.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "it offers no TLS")
            super()._request_authentication()

    return Connection


def _ask(connection, query, *values):
    """The rows that a query gives; in it `%s` is a value, and `%%` a percent sign."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _excess(connection, name, user):
    """Rights beyond those in the application's database."""
    grantee = _grantee(user)
    elsewhere = set(_ask(connection, OWN, grantee)) - set(_wanted(name))
    return _ask(connection, GLOBAL, grantee) or elsewhere


def _wanted(name):
    return [(_pattern(name), right, "NO") for right in RIGHTS]


def _pattern(name):
    """A database's name as GRANT takes it: there `_` stands for any character."""
    return name.replace("_", r"\_")


def _grantee(user):
    return f"'{user}'@'%'"
