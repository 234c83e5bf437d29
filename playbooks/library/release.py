#!/usr/bin/python
"""Put a release on a host, start it beside the one before, and give it the traffic."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: A whole release in one step
description:
  - Does what the modules C(artifact_release), C(environment_file), C(release_service) and
    C(release_switch) of the roles C(artifact), C(environment), C(service) and C(proxy) do, in this
    order, with the same code, in one process on the host. A task costs half a second a host, most
    of it the module's start.
  - Whichever step fails, the release before has the traffic and goes on as it was.
  - Without the four groups of options it goes back to a release that had the traffic before, made
    and started just as it was then.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  artifact:
    description: Options of C(artifact_release) but the two above.
    type: dict
  environment:
    description: Options of C(environment_file) but the two above.
    type: dict
  service:
    description: Options of C(release_service) but the two above.
    type: dict
  before:
    description:
      - A hook that runs on this host once the release's files are there, and before anything of it
        is started, with the release command's surroundings. Where it fails nothing is started.
    type: dict
    suboptions:
      hook:
        description: Which it is, for people.
        type: str
        required: true
      command:
        description: The command; null for none.
        type: str
      facts:
        description: What it is told in its environment, by name.
        type: dict
        default: {}
  proxy:
    description: Options of C(release_switch) but the two above.
    type: dict
notes:
  - The variable C(ansible_no_target_syslog) has to be set for its task. Without it Ansible writes
    the options, secrets too, into the host's journal.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Go back to a release
  release:
    application: shop
    release: 4f0c2a91d3be
"""

RETURN = r"""
autodeploy:
  description: What the four modules return under this name, in one.
  returned: always
  type: dict
  contains:
    before:
      description: The release that had the traffic before; null where there was none.
      type: str
    release:
      description: The release that was to have it.
      type: str
    application:
      description: Whose it is.
      type: str
"""

from contextlib import contextmanager, nullcontext

from ansible.module_utils import (
    artifact_delivery,
    environment_release,
    proxy_front,
    proxy_switch,
    service_start,
)
from ansible.module_utils.artifact_store import Store
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.service_hook import HookFailed, run_hook
from ansible.module_utils.service_host import Systemd, SystemdFailed
from ansible.module_utils.service_turn import NotWanted, turn

COMMON = ("application", "release")
OPTIONS = {
    "artifact": artifact_delivery.OPTIONS,
    "environment": environment_release.OPTIONS,
    "service": service_start.OPTIONS,
    "proxy": proxy_switch.OPTIONS,
}
REMEMBERED = ("service", "proxy")
ONCE = {"service": {"release_command": None}, "proxy": {"maintenance": None}}
"""What is not done again where the release comes back: data does not go back with it, nor does
whom visitors are to meet.
"""
HOOK = {
    "hook": {"type": "str", "required": True},
    "command": {"type": "str"},
    "facts": {"type": "dict", "default": {}},
}


def option(options):
    # What a result must not show is masked here: Ansible would take each value of no_log out of
    # every text, a `1` out of a release's name too.
    own = {name: {**one, "no_log": False} for name, one in options.items() if name not in COMMON}
    return {"type": "dict", "options": own}


def whole(step, noted):
    """Options as they were noted, by a version that may have had fewer."""
    return {**{name: one.get("default") for name, one in OPTIONS[step].items()}, **noted}


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "before": {"type": "dict", "options": HOOK},
            **{step: option(options) for step, options in OPTIONS.items()},
        },
        required_together=[tuple(OPTIONS)],
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    common = {name: module.params[name] for name in COMMON}
    wrong = artifact_delivery.name_problem(**common)
    if wrong:
        module.fail_json(msg=wrong)
    alone = nullcontext() if module.check_mode else turn(Systemd(module), **common)
    with until_unwanted(module, common), alone as mine:
        seen = {"before": proxy_switch.live(common["application"]), **common}
        steps, secret = chosen(module, common)
        whole = {step: {**one, **common} for step, one in steps.items()}
        carry_out(module, seen, whole, secret, mine)


@contextmanager
def until_unwanted(module, common):
    """Say so where the run gives up before it has done anything."""
    try:
        yield
    except NotWanted as error:
        module.fail_json(msg=str(error), autodeploy=common)


def chosen(module, common):
    """The options of the steps to carry out, by step, and the names of what nothing shows."""
    if module.params["artifact"] is not None:
        steps = {step: module.params[step] for step in OPTIONS}
        return steps, sorted(steps["environment"]["secrets"])
    found = Store(common["application"]).remembered(common["release"])
    if found is None:
        module.fail_json(msg=f"this host has no release {common['release']} that it ever served")
    return {step: whole(step, found[step]) for step in REMEMBERED}, found.get("secrets", [])


def carry_out(module, seen, steps, secret, mine):
    """Every step; what they report goes to `seen`, of the one that fails too."""
    changed, diffs = False, []
    try:
        for step in steps:
            if mine:
                mine.check()
            result = STEPS[step](module, steps)
            seen.update(result.get("autodeploy", {}))
            changed = changed or result["changed"]
            diffs.append({**result["diff"], "before_header": step, "after_header": step})
    except (artifact_delivery.Refused, environment_release.Refused) as error:
        module.fail_json(msg=str(error), autodeploy=seen)
    except service_start.NotStarted as error:
        fail(module, error, {**seen, **(error.seen or {})}, secret)
    except HookFailed as error:
        told = {"healthy": False, "reason": "hook", "journal": error.journal}
        fail(module, error, {**seen, **told}, secret)
    except SystemdFailed as error:
        fail(module, error, seen, secret)
    except proxy_front.NotSwitched as error:
        told = {**seen, **proxy_switch.what_was_seen(steps["proxy"], error)}
        withdraw(module, steps)
        fail(module, error, told, secret)
    except NotWanted as error:
        withdraw(module, steps)
        fail(module, error, seen, secret)
    if not module.check_mode:
        kept = {step: {**steps[step], **ONCE.get(step, {})} for step in REMEMBERED}
        Store(seen["application"]).remember(seen["release"], {**kept, "secrets": secret})
    module.exit_json(changed=changed, diff=diffs, autodeploy=seen)


def withdraw(module, steps):
    """Take the release away, unless it has the traffic."""
    beside = proxy_switch.unit_texts(steps["proxy"])
    service_start.withdraw_release(module, steps["service"], beside)


def fail(module, error, seen, names):
    """End with what was seen; what the application has logged is shown without its secrets."""
    where = (seen["application"], seen["release"], names)
    lines = environment_release.masked(seen.get("journal") or [], *where)
    module.fail_json(msg=str(error), autodeploy={**seen, **({"journal": lines} if lines else {})})


def start(module, steps):
    """Run the hook, where there is one; start the release, with the units of its way in.

    Those are written with its own: systemd reads all its files anew for each reload.
    """
    params, told = steps["service"], module.params["before"]
    if told and told["command"] and not module.check_mode:
        run_hook(Systemd(module), params, told["hook"], told["command"], told["facts"])
    return service_start.start_release(module, params, proxy_switch.unit_texts(steps["proxy"]))


STEPS = {
    "artifact": lambda module, steps: artifact_delivery.deliver(module, steps["artifact"]),
    "environment": lambda module, steps: environment_release.provide(module, steps["environment"]),
    "service": start,
    "proxy": lambda module, steps: proxy_switch.switch_traffic(module, steps["proxy"]),
}


if __name__ == "__main__":
    main()
