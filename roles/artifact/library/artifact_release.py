#!/usr/bin/python
"""Put a release's layers on a host: verified, whole or not at all."""

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact_release
short_description: Puts a release's layers on a host
description:
  - Transfers the archives that the host lacks, verifies each one's SHA-256, unpacks it under a
    temporary name and renames it. A layer or a release is there as a whole or not at all.
  - Makes the application's user and its folders under C(/srv).
  - Removes releases beyond O(keep), never the live one or the one before it, and layers that no
    release uses.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  layers:
    description:
      - The layers, as the role documents them. C(archive) is read by the controller.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: What the layer is.
        type: str
        required: true
        choices: [dependencies, source]
      digest:
        description: The archive's SHA-256.
        type: str
        required: true
      links:
        description: Links to make in the release's folder, by name, to paths in the layer.
        type: dict
        default: {}
      content:
        description: Set by the controller's half, a small archive, in Base64.
        type: str
  keep:
    description: How many releases stay.
    type: int
    default: 5
  incoming:
    description: Set by the controller's half, the folder on the host with the archives it sent.
    type: path
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: A release of source alone
  artifact_release:
    application: shop
    release: 4f0c2a91d3be
    layers:
      - kind: source
        digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        archive: /tmp/source.tar.gz
"""

RETURN = r"""
autodeploy:
  description: What was, or in check mode would be, done.
  returned: success
  type: dict
  contains:
    added:
      description: Folders that are new.
      type: list
      elements: str
    removed:
      description: Folders that were old.
      type: list
      elements: str
"""

from ansible.module_utils.artifact_delivery import OPTIONS, Refused, deliver
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        module.exit_json(**deliver(module, module.params))
    except Refused as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
