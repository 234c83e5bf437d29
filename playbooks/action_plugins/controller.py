"""A question to the controller that runs this playbook."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.release import __version__

SOCKET = "AUTODEPLOY_CONTROLLER"
MODULES = "AUTODEPLOY_MODULES"
UNFINISHED = (".lock", "-part")


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


@contextmanager
def kept(folder):
    """Inside, what a run before has packed is there; what is packed anew is kept for the next.

    Args:
        folder: Where, named after a digest of all roles and playbooks; None for nowhere.
    """
    if folder is None:
        yield
        return
    # Ansible's own place for what it has packed ends with its run.
    run = Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache")
    place = Path(folder, f"{__version__}-{sys.implementation.cache_tag}")
    copy(place, run)
    yield
    if not place.is_dir():
        forget(place.parents[1])
    copy(run, place)


def forget(folder):
    """Remove what a folder holds: it is of roles, or of an Ansible, that are no more."""
    with suppress(OSError):
        for one in folder.iterdir():
            shutil.rmtree(one, ignore_errors=True)


def copy(source, target):
    """Copy the files that the target lacks; what cannot be copied is packed anew."""
    with suppress(OSError):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in source.iterdir():
            if not one.name.endswith(UNFINISHED) and not (target / one.name).exists():
                half = target / f"{one.name}.{os.getpid()}-part"
                shutil.copyfile(one, half)
                half.rename(target / one.name)


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
            # Packing takes a quarter second.
            with kept(os.environ.get(MODULES)):
                self._configure_module(self._task.args["beside"], {}, task_vars)
        answer = asked(path, self._task.args["question"], host)
        return {**result, "changed": False, "ansible_facts": answer}
