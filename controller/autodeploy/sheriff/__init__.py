"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff.agent import secure, variables
from autodeploy.sheriff.certificates import serves_tls
from autodeploy.sheriff.hosts import ROLES, secured, told

__all__ = ["ROLES", "secure", "secured", "serves_tls", "told", "variables"]
