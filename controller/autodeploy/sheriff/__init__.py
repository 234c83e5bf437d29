"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff.agent import secure, variables
from autodeploy.sheriff.hosts import ROLES, secured, told

__all__ = ["ROLES", "secure", "secured", "told", "variables"]
