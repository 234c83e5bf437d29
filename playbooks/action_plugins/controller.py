"""A question to the controller that runs this playbook."""

from __future__ import annotations

import json
import os
import socket

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

SOCKET = "AUTODEPLOY_CONTROLLER"


def asked(path, question, host):
    """The controller's answer; it takes as long as the controller needs for it.

    Raises:
        AnsibleActionFail: The controller is gone, or has none.
    """
    try:
        with socket.socket(socket.AF_UNIX) as controller:
            controller.connect(path)
            controller.sendall(json.dumps({"question": question, "host": host}).encode() + b"\n")
            with controller.makefile() as answer:
                said = json.load(answer)
    except (OSError, ValueError) as error:
        raise AnsibleActionFail(f"the controller of this run does not answer: {error}") from error
    if "refused" in said:
        raise AnsibleActionFail(said["refused"])
    return said["answer"]


class ActionModule(ActionBase):
    """Its answer's variables become the host's; nothing happens where no controller runs us."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        path = os.environ.get(SOCKET)
        if path is None:
            return {**result, "skipped": True, "msg": "no controller runs this playbook"}
        host = task_vars["inventory_hostname"]
        if self._task.args.get("beside"):
            # Packing takes a quarter second, where no play before has done it.
            self._configure_module(self._task.args["beside"], {}, task_vars)
        answer = asked(path, self._task.args["question"], host)
        return {**result, "changed": False, "ansible_facts": answer}
