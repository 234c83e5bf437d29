"""The application's database: its user on it, and how the application is told of it."""

from autodeploy.deployer.database.user import DatabaseLogins, prepare_database
from autodeploy.deployer.database.variables import database_names, database_variables

__all__ = ["DatabaseLogins", "database_names", "database_variables", "prepare_database"]
