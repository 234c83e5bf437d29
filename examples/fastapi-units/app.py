"""Converts units: a JSON API that describes itself at /docs."""

from typing import Annotated

import pint
from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

units = pint.UnitRegistry()
app = FastAPI(title="Units", version="1.0.0")
Unit = Annotated[str, Query(min_length=1, max_length=40, examples=["km/h"])]


class Conversion(BaseModel):
    """A value and what it is in another unit."""

    value: float
    unit: str
    result: float
    target: str


@app.get("/", include_in_schema=False)
def index() -> RedirectResponse:
    return RedirectResponse("/docs")


@app.get("/convert")
def convert(value: float, unit: Unit, target: Unit) -> Conversion:
    """Convert `value` from `unit` to `target`: 100 `km/h` to `mph`."""
    try:
        result = units.Quantity(value, unit).to(target)
    except (pint.PintError, ValueError, TypeError, AttributeError) as error:
        raise HTTPException(400, str(error)) from error
    return Conversion(value=value, unit=unit, result=result.magnitude, target=target)


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}
