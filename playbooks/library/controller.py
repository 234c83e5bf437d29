#!/usr/bin/python
"""Documentation of the action plugin of this name; nothing of it runs on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: controller
short_description: Asks the controller that runs the playbook
description:
  - Waits until the controller answers, which may take as long as a build, and gives the host the
    variables of the answer.
  - Where the playbook is run alone it does nothing, and the inventory's variables hold.
options:
  question:
    description: What is asked.
    type: str
    required: true
  beside:
    description: A module to pack meanwhile, because a later task needs it.
    type: str
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Hear what to release
  controller:
    question: release
  run_once: true
  no_log: true
"""

RETURN = r"""
ansible_facts:
  description: The variables.
  returned: where a controller runs the playbook
  type: dict
"""
