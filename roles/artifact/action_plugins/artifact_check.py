"""The controller's half of artifact_check: send the lists of the archives' files."""

from __future__ import annotations

import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The lists go to a folder that Ansible removes after the task, also in check mode."""

    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        lists = {
            layer["digest"]: layer["listing"]
            for layer in arguments["layers"]
            if layer.get("listing")
        }
        layers = [
            {
                **{key: value for key, value in layer.items() if key not in ("archive", "listing")},
                "listed": layer["digest"] in lists,
            }
            for layer in arguments["layers"]
        ]
        incoming = {"incoming": self._send(lists)} if lists else {}
        arguments = {**arguments, "layers": layers, **incoming}
        result.update(self._execute_module("artifact_check", arguments, task_vars=task_vars))
        return result

    def _send(self, lists):
        folder = self._make_tmp_path()
        for digest, listing in lists.items():
            if not os.path.isfile(listing):
                raise AnsibleActionFail(f"there is no list {listing} on the controller")
            self._transfer_file(listing, f"{folder.rstrip('/')}/{digest}")
        return folder
