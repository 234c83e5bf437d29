"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff.agent import leave_out, secure, variables
from autodeploy.sheriff.hosts import ROLES, secured, told

__all__ = ["ROLES", "leave_out", "secure", "secured", "told", "variables"]
