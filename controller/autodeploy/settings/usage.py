"""What is assumed of an application's use, for what it costs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from autodeploy.settings.number import Amount

MOST = 1_000_000


class Usage(BaseModel):
    """What a month of a small web application uses, where nothing else is said.

    Attributes:
        data_transfer_gb: GB that its users get in a month; what they send costs nothing.
        lcu: How busy a load balancer is, in its capacity units (LCU) on average.
        backup_gb: GB of database backups beyond what RDS keeps without charge, which is as much as
            the database's disk has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_transfer_gb: Amount = Field(default=10, ge=0, le=MOST, allow_inf_nan=False)
    lcu: Amount = Field(default=0.1, ge=0, le=MOST, allow_inf_nan=False)
    backup_gb: Amount = Field(default=0, ge=0, le=MOST, allow_inf_nan=False)
