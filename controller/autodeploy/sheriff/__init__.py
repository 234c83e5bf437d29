"""The Sheriff: what is hardened, what is found."""

from autodeploy.sheriff.agent import secure

__all__ = ["secure"]
