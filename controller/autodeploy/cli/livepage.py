"""The lines at the foot of a terminal while a deployment runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autodeploy.cli import output
from autodeploy.cli.running import Running, after, lines
from autodeploy.journal.events import Heard
from autodeploy.journal.journal import Listener

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

A_SECOND = 4


class LivePage:
    """Hears events; the page is there while a stage runs, below what `tell` prints of them."""

    def __init__(self, tell: Listener) -> None:
        self._tell = tell
        self._running = Running()
        self._live: Live | None = None

    def __call__(self, event: Heard) -> None:
        """Hear an event."""
        self._running = after(self._running, event)
        if self._running.since and self._live is None:
            self._open()
        self._tell(event)
        if not self._running.since:
            self.close()

    def close(self) -> None:
        """Leave the terminal as it was, with its cursor."""
        live, self._live = self._live, None
        if live:
            live.stop()

    def _open(self) -> None:
        from rich.live import Live

        console = output.console(stderr=True)
        # What is on stdout is data, which a pipe may take: it stays away from here.
        self._live = Live(
            get_renderable=lambda: self._page(console.width),
            console=console,
            refresh_per_second=A_SECOND,
            transient=True,
            redirect_stdout=False,
        )
        self._live.start()

    def _page(self, width: int) -> Text:
        from rich.text import Text

        page = lines(self._running, datetime.now(UTC), width)
        return Text("\n".join(page), style="dim", no_wrap=True, overflow="ellipsis")
