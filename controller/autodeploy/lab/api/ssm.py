"""Systems Manager with the public parameters that name Debian's images."""

from __future__ import annotations

from moto.core.utils import utcnow
from moto.ssm.models import Parameter, SimpleSystemManagerBackend, ssm_backends

from autodeploy.lab import images


class LabSSMBackend(SimpleSystemManagerBackend):
    """An SSM with names under /aws, which PutParameter refuses, as AWS does."""

    __module__ = SimpleSystemManagerBackend.__module__  # moto finds a service's urls beside it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        for image in images.newest():
            name = f"/aws/service/debian/release/{image.release}/latest/amd64"
            self._parameters[name].append(
                Parameter(  # type: ignore[abstract]  # moto makes them so itself
                    account_id=account_id,
                    name=name,
                    value=image.ami,
                    parameter_type="String",
                    description=None,
                    allowed_pattern=None,
                    keyid=None,
                    last_modified_date=utcnow(),
                    version=1,
                    data_type="aws:ec2:image",
                )
            )


def install() -> None:
    """Make moto serve this backend; before its first call only."""
    ssm_backends.backend = LabSSMBackend
