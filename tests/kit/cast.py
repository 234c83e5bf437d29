"""A terminal session as asciicast v2, and as a picture of what stands on the screen at its end."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

CONTROL = re.compile(r"(\n|\r|\x1b\[\d*[AK]|\x1b\[\?\d+[hl]|\x1b\]\d+;[^\a]*\a)")
"""What moves the cursor or erases; colours stay in the text."""
GLANCE = 0.1
"""Seconds in which nobody sees two things one after another."""
# Rich's own, without a font that is fetched.
PICTURE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>A deployment in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


@dataclass(frozen=True)
class Cast:
    """A recording.

    Attributes:
        width: Of the terminal, in columns.
        height: In rows.
        said: What was printed, and when, in seconds from the start on.
    """

    width: int
    height: int
    said: tuple[tuple[float, str], ...]

    def document(self) -> str:
        """The recording in its file."""
        head = {"version": 2, "width": self.width, "height": self.height, "title": "autodeploy"}
        lines = [head, *([round(at, 3), "o", text] for at, text in self.said)]
        return "".join(f"{json.dumps(one)}\n" for one in lines)


def read(document: str) -> Cast:
    """What such a file says."""
    head, *rest = (json.loads(line) for line in document.splitlines())
    assert head["version"] == 2
    assert all(kind == "o" for _, kind, _ in rest)
    return Cast(head["width"], head["height"], tuple((at, text) for at, _, text in rest))


def hastened(
    said: Iterable[tuple[float, str]], longest: float, whole: float
) -> tuple[tuple[float, str], ...]:
    """The same, faster.

    Args:
        said: As in Cast.
        longest: So many seconds nothing is waited for.
        whole: So many seconds all of it takes at most.
    """
    made = [*_waiting(said, longest)]
    pace = max(1.0, made[-1][0] / whole) if made else 1.0
    # Once more: what is said at once with something earlier leaves a longer wait behind it.
    return tuple(_waiting(_together((at / pace, text) for at, text in made), longest))


def _waiting(said: Iterable[tuple[float, str]], longest: float) -> Iterator[tuple[float, str]]:
    spent = before = 0.0
    for at, text in said:
        spent += min(at - before, longest)
        before = at
        yield spent, text


def _together(said: Iterable[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """The same, where what nobody could tell apart is said at once."""
    kept: tuple[float, str] | None = None
    for at, text in said:
        if kept and at - kept[0] < GLANCE:
            kept = (kept[0], kept[1] + text)
            continue
        if kept:
            yield kept
        kept = (at, text)
    if kept:
        yield kept


def screen(said: str) -> list[str]:
    """The lines that stand there at the end, on a terminal that is high enough."""
    lines, row, anew = [""], 0, False
    for part in filter(None, CONTROL.split(said)):
        if part == "\n":
            row, anew = row + 1, False
            lines += [""] * (row + 1 - len(lines))
        elif part == "\r":
            anew = True
        elif part.endswith("A"):
            row = max(0, row - int(part[2:-1] or 1))
        elif part.endswith("K"):
            lines[row] = ""
        elif not CONTROL.fullmatch(part):
            lines[row], anew = part if anew else lines[row] + part, False
    return lines


def picture(cast: Cast, moment: str) -> str:
    """The screen as SVG when that is said for the first time."""
    until = next(number for number, (_, text) in enumerate(cast.said, 1) if moment in text)
    lines = screen("".join(text for _, text in cast.said[:until]))
    console = Console(record=True, width=cast.width, file=io.StringIO(), force_terminal=True)
    for line in lines[-cast.height :]:
        console.print(Text.from_ansi(line), overflow="ellipsis", no_wrap=True)
    svg = console.export_svg(
        title="autodeploy", theme=DIMMED_MONOKAI, code_format=PICTURE, unique_id="shown"
    )
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())
