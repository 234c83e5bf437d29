"""The one door to AWS: sessions, retries, a record of every call, errors in our words."""

from autodeploy.aws.address import controller_address
from autodeploy.aws.cloud import Call, Cloud

__all__ = ["Call", "Cloud", "controller_address"]
