"""The controller's half of runtime_release: send the archive where the host lacks the runtime."""

from __future__ import annotations

import os
import shlex

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Asks with one cheap command whether it is there, so that nothing is sent twice."""

    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        archive = arguments.pop("archive", None)
        if archive and not self._task.check_mode and not self._is_there(arguments["folder"]):
            arguments["archive"] = self._send(os.path.abspath(archive))
        result.update(self._execute_module("runtime_release", arguments, task_vars=task_vars))
        return result

    def _is_there(self, folder):
        command = f"test -d {shlex.quote(str(folder))} && echo yes || true"
        return self._low_level_execute_command(command)["stdout"].strip() == "yes"

    def _send(self, archive):
        """Transfer the archive to a folder that Ansible removes after the task; give its path."""
        if not os.path.isfile(archive):
            raise AnsibleActionFail(f"there is no archive {archive} on the controller")
        target = f"{self._make_tmp_path().rstrip('/')}/runtime.tar.gz"
        self._transfer_file(archive, target)
        return target
