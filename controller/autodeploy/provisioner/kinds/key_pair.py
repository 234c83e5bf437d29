"""The key that logs in to the application's hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.keys import same_key
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site


@dataclass(frozen=True)
class KeyPair(Desired):
    """A key pair whose private half is on this machine.

    Attributes:
        public_key: The public half, as OpenSSH writes it; None while it has not been made.
    """

    type = "AWS::EC2::KeyPair"
    id_field = "KeyPairId"
    unsaid = Desired.unsaid | {"public_key"}
    public_key: str | None

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        ec2 = look.cloud.ec2()
        return ec2.describe_key_pairs(Filters=look.owner.filters, IncludePublicKey=True)["KeyPairs"]

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        public = site.keys.make_login_key()
        intend()
        answer = site.cloud.ec2(retries=False).import_key_pair(
            KeyName=site.owner.name,
            PublicKeyMaterial=public.encode(),
            TagSpecifications=site.owner.specification(self.key, "key-pair"),
        )
        return self.found(answer)

    def outdated(self, found: Found) -> str | None:
        """See Desired."""
        if self.public_key and same_key(self.public_key, str(found.record.get("PublicKey"))):
            return None
        return "its private key is not on this machine"

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        # By name: moto does not hear the id, and a name is as unique.
        cloud.ec2().delete_key_pair(KeyName=found.record["KeyName"])
