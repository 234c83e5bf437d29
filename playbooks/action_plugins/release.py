"""The controller's half of release: send the archives that the host lacks."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader

# The role's, which ansible.cfg names a place of action plugins.
Sender = action_loader.get("artifact_release", class_only=True)


class ActionModule(Sender):
    """What the host gets of the artifact is as the role artifact has it."""

    def run(self, tmp=None, task_vars=None):
        result = ActionBase.run(self, tmp, task_vars)
        arguments = dict(self._task.args)
        names = {name: arguments.get(name) for name in ("application", "release")}
        if arguments.get("artifact"):
            arguments["artifact"] = self.sent(arguments["artifact"], **names)
        result.update(self._execute_module("release", arguments, task_vars=task_vars))
        # It has every variable's value.
        result.pop("invocation", None)
        return result
