"""What is asked of nginx."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from autodeploy.settings.number import Number


class Proxy(BaseModel):
    """The proxy's settings. Websockets always work, and so does gzip.

    Attributes:
        max_body: The largest body of a request, such as `25m` or `1g`.
        timeout: Seconds that a request may take without a byte, a websocket's silence included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_body: str = Field(default="25m", pattern=r"^[1-9][0-9]{0,8}[kmg]$", examples=["25m"])
    timeout: Number = Field(default=60, ge=1, le=3600)
