"""`python -m mortal ARGUMENTS`: the command line in a process that ends itself by SIGKILL.

What it has started is not ended with it. Every password that it makes is the canary.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from autodeploy.aws import Cloud
from autodeploy.cli.main import main
from autodeploy.journal import Journal
from autodeploy.journal.events import StepEnded
from deathkit import Death, Point, die
from faultkit import CANARY

WHERE = "AUTODEPLOY_MORTAL"
"""`{"call": [OPERATION, NTH], "when": WHEN}` or `{"step": [AGENT, STEP, HOST]}`; else it lives."""


def _at_a_call(point: Point, death: Death, stack: ExitStack) -> None:
    real = Cloud._make

    def make(*arguments: Any) -> Any:
        client = real(*arguments)
        death.listen(client)
        return client

    stack.enter_context(patch.object(Cloud, "_make", make))
    stack.enter_context(patch.object(Journal, "write", death.write()))


def _at_a_step(step: list[str | None]) -> Callable[..., Any]:
    """The journal's method, which dies before it writes that the step has ended."""
    real = Journal.write

    def write(journal: Journal, event: Any) -> Any:
        if isinstance(event, StepEnded) and [event.agent, event.step, event.host] == step:
            die(f"{event.step} on {event.host}")
        return real(journal, event)

    return write


def _live() -> None:
    said = json.loads(os.environ.pop(WHERE, "{}"))
    with ExitStack() as stack:
        stack.enter_context(patch.object(secrets, "token_urlsafe", lambda _: CANARY))
        if "call" in said:
            point = Point(*said["call"])
            _at_a_call(point, Death(point, said["when"]), stack)
        if "step" in said:
            stack.enter_context(patch.object(Journal, "write", _at_a_step(said["step"])))
        sys.argv[0] = "autodeploy"
        main()


if __name__ == "__main__":
    _live()
