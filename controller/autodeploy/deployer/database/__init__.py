"""The application's database: its user on it, how the application is told of it; `db` beside it.

user          the application's user, made through its hosts
variables     what the application is told, and the URL for tools here
authorities   whose certificates RDS's servers have
clients       the engine's own clients on this machine; `postgresql`, `mysql` have their words
dumps         what these make and look at; `restoring` puts it back
"""

from autodeploy.deployer.database.authorities import authorities_file
from autodeploy.deployer.database.clients import Client, client, refuse_missing
from autodeploy.deployer.database.dumps import Heard, backup, refuse_broken
from autodeploy.deployer.database.engine import Use
from autodeploy.deployer.database.restoring import Restoring
from autodeploy.deployer.database.user import DatabaseLogins, prepare_database
from autodeploy.deployer.database.variables import (
    database_names,
    database_url,
    database_variables,
)

__all__ = [
    "Client",
    "DatabaseLogins",
    "Heard",
    "Restoring",
    "Use",
    "authorities_file",
    "backup",
    "client",
    "database_names",
    "database_url",
    "database_variables",
    "prepare_database",
    "refuse_broken",
    "refuse_missing",
]
