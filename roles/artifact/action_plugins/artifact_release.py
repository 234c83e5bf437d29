"""The controller's half of artifact_release: send the archives that the host lacks."""

from __future__ import annotations

import base64
import os
import re
import shlex

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

SMALL = 256 * 1024
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def final_folder(application, release, layer):
    """Where a layer's content ends on the host."""
    if layer["kind"] == "source":
        return f"/srv/{application}/releases/{release}"
    return f"/srv/{application}/layers/{layer['digest']}"


def content(archive):
    """A small archive in Base64: a file of its own costs three more commands on the host."""
    if not os.path.isfile(archive):
        raise AnsibleActionFail(f"there is no archive {archive} on the controller")
    if os.path.getsize(archive) > SMALL:
        return None
    with open(archive, "rb") as file:
        return base64.b64encode(file.read()).decode()


class ActionModule(ActionBase):
    """Asks with one cheap command what is there, so that nothing is sent twice."""

    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        names = {name: arguments.get(name) for name in ("application", "release")}
        arguments = self.sent(arguments, **names)
        result.update(self._execute_module("artifact_release", arguments, task_vars=task_vars))
        return result

    def sent(self, arguments, application, release):
        """The module's arguments for the host, once that has the archives."""
        missing = self._missing(arguments["layers"], application, release)
        layers = [
            {key: value for key, value in layer.items() if key != "archive"}
            for layer in arguments["layers"]
        ]
        if self._task.check_mode:
            return {**arguments, "layers": layers}
        small = {layer["digest"]: one for layer in missing if (one := content(layer["archive"]))}
        layers = [{**layer, "content": small.get(layer["digest"])} for layer in layers]
        large = [layer for layer in missing if layer["digest"] not in small]
        incoming = {"incoming": self._send(large)} if large else {}
        return {**arguments, "layers": layers, **incoming}

    def _missing(self, layers, application, release):
        for name in (application, release, *(layer["digest"] for layer in layers)):
            if not SAFE.fullmatch(str(name)):
                raise AnsibleActionFail(f"{name!r} is no name that can be used on a host")
        folders = {final_folder(application, release, layer): layer for layer in layers}
        listing = f"ls -1d {shlex.join(folders)} 2>/dev/null || true"
        there = self._low_level_execute_command(listing)["stdout"].split()
        return [layer for folder, layer in folders.items() if folder not in there]

    def _send(self, layers):
        """Transfer the archives to a folder that Ansible removes after the task; give its path."""
        folder = self._make_tmp_path()
        for layer in layers:
            self._transfer_file(
                os.path.abspath(layer["archive"]), f"{folder.rstrip('/')}/{layer['digest']}"
            )
        return folder
