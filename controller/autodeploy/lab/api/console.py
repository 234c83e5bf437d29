"""GetConsoleOutput with what the host really printed."""

from __future__ import annotations

import base64
import re

from werkzeug import Response

from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.machines import Machines

ACTION = "ec2:GetConsoleOutput"
KEPT_BYTES = 64 * 1024
INSTANCE = re.compile(r"<instanceId>([^<]+)</instanceId>")
OUTPUT = re.compile(r"<output>[^<]*</output>")


class Console:
    """The layer that puts a host's console in the place of moto's sample."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines

    def __call__(self, call: Call, following: Next) -> Response:
        """Have the call answered; where it is one for a console, put ours in."""
        response = following(call)
        if call.action != ACTION or response.status_code != 200:
            return response
        text = response.get_data(as_text=True)
        found = INSTANCE.search(text)
        printed = self._machines.console(found[1], KEPT_BYTES) if found else ""
        encoded = base64.b64encode(printed.encode()).decode()
        response.set_data(OUTPUT.sub(f"<output>{encoded}</output>", text))
        return response
