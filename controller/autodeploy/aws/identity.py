"""Who calls AWS."""

from __future__ import annotations

from typing import NamedTuple


class Identity(NamedTuple):
    """The caller, as STS knows it.

    Attributes:
        account: The account's number.
        arn: The caller's ARN: of a user, of a session in an assumed role, or of the root.
    """

    account: str
    arn: str

    def __str__(self) -> str:
        return f"account {self.account} as {self.arn}"

    @property
    def partition(self) -> str:
        """`aws`, or that of China or a government."""
        return self.arn.split(":")[1]

    @property
    def is_root(self) -> bool:
        """Whether it is the account itself, which no policy binds."""
        return self.arn.endswith(":root")

    @property
    def role(self) -> str | None:
        """The name of the role that was assumed; None for others than sessions in one."""
        kind, _, rest = self.arn.partition(":assumed-role/")
        return rest.partition("/")[0] if kind and rest else None
