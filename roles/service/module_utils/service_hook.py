"""A command of the application's own before or after its release, once and to its end."""

from __future__ import annotations

import time

from ansible.module_utils.service_host import remove_units, write
from ansible.module_utils.service_units import hook_name, hook_unit


class HookFailed(Exception):
    """The hook did not end well; `journal` is what it said last."""

    def __init__(self, message, journal):
        super().__init__(message)
        self.journal = journal


def run_hook(systemd, params, hook, command, facts):
    """Run a hook as the application runs, in its release's folder.

    Args:
        systemd: systemd's commands.
        params: The release's parameters: application, release, path, variables.
        hook: Which it is, for people.
        command: The command.
        facts: What it is told in its environment, by name.

    Raises:
        HookFailed: It failed.
    """
    name, since = hook_name(params["application"], params["release"]), time.time()
    write(name, hook_unit(params, command, facts))
    systemd.run("daemon-reload")
    code, _out = systemd.run("start", name, check=False)
    status = systemd.show([name], "ExecMainStatus")[0].get("ExecMainStatus")
    journal = systemd.journal([name], since) if code else []
    remove_units(systemd, [name])
    if code:
        raise HookFailed(f"the hook {hook} failed with exit status {status}", journal)
