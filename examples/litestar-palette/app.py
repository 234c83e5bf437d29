"""Colours that go with a colour: a page of swatches, and JSON."""

import colorsys
from dataclasses import dataclass
from typing import Annotated

from litestar import Litestar, MediaType, get
from litestar.params import Parameter

TURNS = {"complement": (180,), "triad": (120, 240), "neighbours": (-30, 30)}
Hex = Annotated[str, Parameter(pattern="^[0-9a-fA-F]{6}$")]


@dataclass
class Palette:
    """A colour, those that go with it, and the text colour that is read best on it."""

    colour: str
    text: str
    harmonies: dict[str, list[str]]


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))


def turned(colour: str, degrees: int) -> str:
    """The colour with another hue."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    made = colorsys.hls_to_rgb((hue + degrees / 360) % 1, lightness, saturation)
    return "".join(f"{round(one * 255):02x}" for one in made)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def palette(colour: str) -> Palette:
    text = "000000" if luminance(colour) > 0.179 else "ffffff"
    return Palette(colour, text, {name: [turned(colour, d) for d in ds] for name, ds in TURNS.items()})


@get("/", media_type=MediaType.HTML)
async def index() -> str:
    rows = "".join(swatches(turned("c0392b", degrees)) for degrees in range(0, 360, 45))
    return f"<!doctype html><title>Palette</title><style>span {{ display: inline-block; padding: 1rem }}</style>{rows}"


def swatches(colour: str) -> str:
    colours = [colour, *(one for ones in palette(colour).harmonies.values() for one in ones)]
    return "<div>" + "".join(
        f'<span style="background:#{one};color:#{palette(one).text}">{one}</span>' for one in colours
    ) + "</div>"


@get("/palette/{colour:str}")
async def show(colour: Hex) -> Palette:
    return palette(colour.lower())


@get("/healthz")
async def health() -> dict[str, str]:
    return {"status": "ok"}


app = Litestar([index, show, health])
