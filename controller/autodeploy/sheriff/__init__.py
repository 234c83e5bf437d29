"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff.agent import leave_out, secure

__all__ = ["leave_out", "secure"]
