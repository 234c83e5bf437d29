"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff import scan
from autodeploy.sheriff.agent import secure, variables
from autodeploy.sheriff.certificates import serves_tls
from autodeploy.sheriff.groups import network_report
from autodeploy.sheriff.hosts import ROLES, secured, told
from autodeploy.sheriff.reports import merged

__all__ = [
    "ROLES",
    "merged",
    "network_report",
    "scan",
    "secure",
    "secured",
    "serves_tls",
    "told",
    "variables",
]
