"""What the lab takes long for, said while a command waits for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from autodeploy.cli.output import say


class _Said(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"  lab: {record.getMessage()}")


@contextmanager
def told(voice: str | None) -> Iterator[None]:
    """Say on stderr what the lab logs meanwhile; of `quiet`, no more than its warnings."""
    logger = logging.getLogger("autodeploy.lab")
    handler, before = _Said(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if voice == "quiet" else logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
