"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff import scan
from autodeploy.sheriff.agent import leave_out, secure
from autodeploy.sheriff.reports import merged

__all__ = ["leave_out", "merged", "scan", "secure"]
