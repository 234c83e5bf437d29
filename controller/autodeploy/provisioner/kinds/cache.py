"""A managed Redis: an ElastiCache replication group of one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from autodeploy.aws import Cloud
from autodeploy.contracts import Outage
from autodeploy.errors import CloudError, ResourceFailed
from autodeploy.provisioner import elasticache
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.secret import CACHE_GROUP
from autodeploy.provisioner.owner import RESOURCE, tags_of
from autodeploy.provisioner.passwords import secret_text
from autodeploy.provisioner.patience import Patience

KEY = "cache"
AVAILABLE_SECONDS, CHANGED_SECONDS, LIMIT_SECONDS = 420, 300, 2400  # as a rule; at most
NODE_TYPE = "CacheNodeType"
RESIZE = Outage(seconds=None, reason="the Redis cuts its connections when it moves to another node")


class Change(NamedTuple):
    """A parameter of ModifyReplicationGroup, and why it is given."""

    parameter: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Cache(Desired):
    """A Redis that only the hosts reach, with TLS and a token, encrypted; an application has one.

    Nothing of what is in it is kept when it goes: it is not the user's data.

    Attributes:
        node_type: ElastiCache's type; the engine's version is its default when it is made.
        subnet_group: Logical name of its subnet group.
        group: Logical name of its security group.
        secret: Logical name of the secret that holds the token.
    """

    type = "AWS::ElastiCache::ReplicationGroup"
    id_field = "ReplicationGroupId"
    wave = 1
    deletion_seconds = LIMIT_SECONDS
    replacing = "the Redis is away until an empty one has taken its place"
    node_type: str
    subnet_group: str
    group: str
    secret: str

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired. It is asked for by its name, and has its tags where it tells them."""
        name = look.owner.short_name
        had = look.ever_had(CACHE_GROUP)
        record = elasticache.described(look.cloud, name) if had else None
        if record is None:
            return []
        if elasticache.groups_of(record) & look.ours or record["Status"] != "available":
            return [record]
        tags = look.cloud.elasticache().list_tags_for_resource(ResourceName=record["ARN"])
        return [{**record, "TagList": tags["TagList"]}]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired.

        It is in a security group of the owner's, else it has the owner's tags; while it is not
        available it tells none, and its name, which has a digest of the owner's, is enough.
        """
        return "TagList" not in record or look.owner.owns(tags_of(record))

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:
        """See Desired."""
        return tags_of(record).get(RESOURCE, KEY)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        token = secret_text(site.cloud, site.ids[self.secret])
        intend()
        answer = site.cloud.elasticache(retries=False).create_replication_group(
            ReplicationGroupId=site.owner.short_name,
            ReplicationGroupDescription=self._description(site),
            Engine="redis",
            CacheNodeType=self.node_type,
            NumCacheClusters=1,
            AutomaticFailoverEnabled=False,
            CacheSubnetGroupName=site.ids[self.subnet_group],
            SecurityGroupIds=[site.ids[self.group]],
            TransitEncryptionEnabled=True,
            AtRestEncryptionEnabled=True,
            AuthToken=token,
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found({**answer["ReplicationGroup"], "Node": {}})

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.subnet_group, self.group, self.secret)

    def outdated(self, found: Found) -> str | None:
        """See Desired: what cannot be changed."""
        record = found.record
        if record["Status"] in {"deleting", elasticache.FAILED}:
            return f"is {record['Status']}"
        if not record.get("TransitEncryptionEnabled") or not record.get("AuthTokenEnabled"):
            return "can be used without TLS or without a token"
        return None if record.get("AtRestEncryptionEnabled") else "is not encrypted at rest"

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        steps = []
        if changes := self._changes(found.record, ids):
            reason = "; ".join(one.reason for one in changes)
            resized = any(one.parameter == NODE_TYPE for one in changes)
            outage = RESIZE if resized else None
            steps.append(Step(reason, lambda site: self._modify(site, found), outage))
        if not self._has_token(found.record, ids):
            reason = f"its token is not that of {self.secret}"
            steps.append(Step(reason, lambda site: self._give_token(site, found)))
        return steps

    def _description(self, site: Site) -> str:
        """What it is called for people; the end tells by which secret its token is."""
        owner, mark = site.owner, _mark(site.ids[self.secret])
        return f"{self.key} of {owner.application} in {owner.environment}, {mark}"

    def _has_token(self, record: Mapping[str, Any], ids: Mapping[str, str]) -> bool:
        """Whether its token is that of the secret: one that was lost and made anew has another."""
        mark = _mark(ids.get(self.secret, ""))
        return str(record.get("Description", mark)).endswith(mark)

    def _give_token(self, site: Site, found: Found) -> None:
        """Let it take the secret's token beside the one it has, with which a release may run."""
        _until_available(site, found)
        token = secret_text(site.cloud, site.ids[self.secret])
        _change(site, found, AuthToken=token, AuthTokenUpdateStrategy="ROTATE")
        _until_available(site, found)
        _change(site, found, ReplicationGroupDescription=self._description(site))

    def _changes(self, record: Mapping[str, Any], ids: Mapping[str, str]) -> list[Change]:
        """What makes `record` as it should be; of what it does not tell yet nothing is said."""
        changes, group = [], ids.get(self.group, "none")
        present = record.get("CacheNodeType", self.node_type)
        if present != self.node_type:
            reason = f"its type is {present}, not {self.node_type}"
            changes.append(Change(NODE_TYPE, self.node_type, reason))
        if record["Node"] and elasticache.groups_of(record) != {group}:
            reason = f"is not in {self.group} alone"
            changes.append(Change("SecurityGroupIds", [group], reason))
        return changes

    def _modify(self, site: Site, found: Found) -> None:
        """Make all changes at once, and wait until they are made; again is as good as once."""
        changes = self._changes(_until_available(site, found), site.ids)
        if not changes:
            return
        _change(site, found, **{one.parameter: one.value for one in changes})

        def modified() -> bool:
            now = _record(site.cloud, found)
            return elasticache.is_available(now) and not self._changes(now, site.ids)

        site.patience.until(
            modified,
            seconds=LIMIT_SECONDS,
            usual=CHANGED_SECONDS,
            what=f"{found.id} to be modified",
        )

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired."""
        if elasticache.is_available(found.record):
            return found
        return replace(found, record=_until_available(site, found))

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. A state that does not allow it is left to be tried again."""
        record = elasticache.described(cloud, found.id)
        if record and record["Status"] != "deleting":
            cloud.elasticache().delete_replication_group(
                ReplicationGroupId=found.id, RetainPrimaryCluster=False
            )

    @classmethod
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """See Desired."""
        for one in found:
            patience.until(
                partial(_is_gone, cloud, one.id),
                seconds=LIMIT_SECONDS,
                usual=AVAILABLE_SECONDS,
                what=f"{one.id} to be deleted",
            )


def _mark(secret: str) -> str:
    """What tells a secret from one of the same name before it: how its ARN ends."""
    return f"token of {secret.rpartition('-')[2]}"


def _is_gone(cloud: Cloud, identifier: str) -> bool:
    return elasticache.described(cloud, identifier) is None


def _change(site: Site, found: Found, **asked: Any) -> None:
    """Change it; what it does not allow while it is busy is asked for again."""
    client = site.cloud.elasticache(retries=False)
    site.patience.persist(
        lambda: client.modify_replication_group(
            ReplicationGroupId=found.id, ApplyImmediately=True, **asked
        ),
        seconds=LIMIT_SECONDS,
        on=_is_busy,
        what=f"{found.id} to let itself be changed",
    )


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, CloudError) and error.code == "InvalidReplicationGroupState"


def _record(cloud: Cloud, found: Found) -> Mapping[str, Any]:
    """Its description.

    Raises:
        ResourceFailed: It has gone.
    """
    record = elasticache.described(cloud, found.id)
    if record is None:
        raise ResourceFailed(f"{found.key} ({found.id}) is gone")
    return record


def _until_available(site: Site, found: Found) -> Mapping[str, Any]:
    """Wait until it can be used, and give its description.

    Raises:
        ResourceFailed: It cannot, or it took too long.
    """
    record: Mapping[str, Any] = {}

    def available() -> bool:
        nonlocal record
        record = _record(site.cloud, found)
        return elasticache.is_available(record)

    if not available():
        what = f"{found.key} ({found.id}) to be available"
        site.patience.until(available, seconds=LIMIT_SECONDS, usual=AVAILABLE_SECONDS, what=what)
    return record
