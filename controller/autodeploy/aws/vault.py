"""Secrets that several machines share, in Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import tenacity

from autodeploy.aws.cloud import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.aws.grants import MANAGED, MANAGER
from autodeploy.errors import CloudError, SecretInDeletion

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

DELETION_SECONDS = 120
"""How long a name may be taken by a secret that was deleted at once; on AWS some seconds."""
T = TypeVar("T")
PAUSES = tenacity.wait_exponential(multiplier=0.5, max=5)


class SecretsVault:
    """See autodeploy.journal.belongings.Vault.

    A secret of ours that somebody has scheduled for deletion is restored when it is used.
    """

    def __init__(self, cloud: Cloud, region: Callable[[], str]) -> None:
        """No call is made yet.

        Args:
            cloud: Whose account it is.
            region: Gives the vault's region: where it is for one machine it is for all.
        """
        self._cloud = cloud
        self._region = region

    @cached_property
    def _place(self) -> str:
        return self._region()

    @cached_property
    def _manager(self) -> SecretsManagerClient:
        return self._cloud.in_region(self._place).secretsmanager()

    @cached_property
    def _own(self) -> SecretsManagerClient | None:
        """Where older versions had them: the machine's own region; None where it is the same."""
        is_other = self._cloud.region not in {None, self._place}
        return self._cloud.secretsmanager() if is_other else None

    def get(self, name: str) -> str | None:
        """See Vault. One that an older version has made moves to where all machines find it."""
        found = _read(self._manager, name)
        if found is None and self._own and (found := _read(self._own, name)) is not None:
            self.put(name, found)
            _remove(self._own, name)
        return found

    def put(self, name: str, text: str) -> None:
        """See Vault. Waits for the end of one of that name that is about to go."""
        until_free(lambda: self._put(name, text))

    def delete(self, name: str) -> None:
        """See Vault. Its name is free again in a moment."""
        _remove(self._manager, name)
        if self._own:
            _remove(self._own, name)

    def _put(self, name: str, text: str) -> None:
        try:
            self._manager.put_secret_value(SecretId=name, SecretString=text)
        except SecretInDeletion:
            restored(self._manager, name)
            raise
        except CloudError as error:
            if not is_gone(error):
                raise
            tags = [{"Key": MANAGED, "Value": MANAGER}]
            self._manager.create_secret(Name=name, SecretString=text, Tags=tags)  # type: ignore[arg-type]


def _read(manager: SecretsManagerClient, name: str) -> str | None:
    try:
        return manager.get_secret_value(SecretId=name)["SecretString"]
    except SecretInDeletion:
        return _read(manager, name) if restored(manager, name) else None
    except CloudError as error:
        if is_gone(error):
            return None
        raise


def _remove(manager: SecretsManagerClient, name: str) -> None:
    try:
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    except CloudError as error:
        if not is_gone(error):
            raise


def until_free(make: Callable[[], T]) -> T:
    """What `make` gives, once its secret's name is not that of one that is about to go.

    Raises:
        SecretInDeletion: It still is after a while.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(SecretInDeletion),
        wait=PAUSES,
        stop=tenacity.stop_after_delay(DELETION_SECONDS),
        reraise=True,
    )
    return retrying(make)


def restored(manager: SecretsManagerClient, name: str) -> bool:
    """Whether a secret that waits for its end could be kept: one deleted at once cannot."""
    try:
        manager.restore_secret(SecretId=name)
    except CloudError as error:
        if is_gone(error) or isinstance(error, SecretInDeletion):
            return False
        raise
    return True
