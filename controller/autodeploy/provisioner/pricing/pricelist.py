"""A region's list of prices: the one that `prices refresh` has written, else the one shipped."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from autodeploy import paths, privatefile
from autodeploy.contracts import Contract
from autodeploy.errors import StateError, UsageError

MAX_BYTES = 4 * 1024 * 1024
MOST_USD = 10_000
MOST_TOLD = 5
LONGEST = 60
REGION = r"^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9./-]{0,99}$")]
Usd = Annotated[Decimal, Field(gt=0, lt=MOST_USD)]
"""Nothing that is listed is free: a price of 0 would hide what is not known."""


class Source(Contract):
    """Prices of one origin.

    Attributes:
        date: Of when they are.
        source: Where they are from.
        prices: USD by name: `instance/t3.small`, `database/postgres/db.t4g.micro`,
            `cache/cache.t4g.micro`, `address`, `balancer` and `balancer-lcu` an hour;
            `disk/gp3`, `database-storage/gp3` and `database-backup` a GB and month;
            `transfer-out` a GB; `secret` and `alarm` a month.
    """

    date: datetime.date
    source: str = Field(min_length=1, max_length=200)
    prices: dict[Name, Usd]


class PriceList(Contract):
    """All prices of a region that are known.

    Attributes:
        region: The region.
        sources: Where they are from; no price is in two.
    """

    region: str = Field(pattern=REGION)
    sources: tuple[Source, ...] = ()

    def price(self, name: str) -> Decimal | None:
        """USD a unit; None where it is not known."""
        return next((one.prices[name] for one in self.sources if name in one.prices), None)

    def of(self, names: Iterable[str]) -> tuple[Source, ...]:
        """The sources that have any of these."""
        wanted = set(names)
        return tuple(one for one in self.sources if wanted & one.prices.keys())


def price_list(region: str) -> PriceList:
    """The prices of a region; an empty list where none are known.

    Raises:
        UsageError: That is no region's name.
        StateError: What `prices refresh` has written cannot be read.
    """
    if not re.fullmatch(REGION, region):
        raise UsageError(f"{region} is no region", remediation="Say one such as eu-central-1.")
    own = refreshed(region)
    if own.exists():
        return _read(own)
    shipped = files("autodeploy.provisioner").joinpath(f"data/prices/{region}.json")
    if not shipped.is_file():
        return PriceList(region=region)
    return PriceList.model_validate_json(shipped.read_text(encoding="utf-8"))


def refreshed(region: str) -> Path:
    """The file that `prices refresh` writes."""
    return paths.home() / "prices" / f"{region}.json"


def write(prices: PriceList) -> Path:
    """Keep a list that takes the shipped one's place, whole or not at all.

    Raises:
        StateError: It cannot be written.
    """
    path = refreshed(prices.region)
    paths.private_folder(path.parent)
    try:
        text = json.dumps(prices.model_dump(mode="json"), indent=1)
        privatefile.write(path, f"{text}\n".encode())
    except OSError as error:
        raise StateError(f"{path} cannot be written", cause=str(error)) from error
    return path


def _read(path: Path) -> PriceList:
    if not path.is_file():
        raise StateError(
            f"{path} is no regular file",
            remediation="Remove it; without it the prices that autodeploy comes with hold.",
        )
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_BYTES + 1)
        found = PriceList.model_validate_json(text)
        if found.region != path.stem:
            raise ValueError(f"it is of {found.region}")
    except (OSError, ValueError) as error:
        raise StateError(
            f"{path} is no list of prices",
            cause=_wrong(error),
            remediation=f"`autodeploy prices refresh --region {path.stem}` writes it anew; without "
            "the file, the prices that autodeploy comes with hold.",
        ) from error
    return found


def _wrong(error: Exception) -> str:
    """Each thing that is wrong, with the way to it, and what stands there."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0]
    some = error.errors(include_url=False)
    lines = [
        f"{'/'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}{_given(one['input'])}"
        for one in some[:MOST_TOLD]
    ]
    return "\n".join(
        [*lines, *([f"and {more} more"] if (more := len(some) - MOST_TOLD) > 0 else [])]
    )


def _given(value: object) -> str:
    shown = repr(value) if isinstance(value, str | int | float | Decimal) else ""
    return f", not {shown}" if 0 < len(shown) <= LONGEST else ""
