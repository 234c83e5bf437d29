#!/usr/bin/python
"""Look whether a release on a host is what its archives held; change nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact_check
short_description: Compares a release on a host with the lists of its archives' files
description:
  - Reads every file of a release and of its layers, and compares kind, size, mode and SHA-256 with
    the lists that were written when they were packed. Names what was changed, what is missing and
    what is there besides; byte code is let be.
  - Says which release has the traffic.
  - Changes nothing, and fails on nothing that it finds.
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
      - The layers, as the role documents them. C(listing) is read by the controller; of a layer
        that has none only its links are looked at.
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
        description: Links in the release's folder, by name, to paths in the layer.
        type: dict
        default: {}
      listed:
        description: Set by the controller's half, whether O(incoming) has the layer's list.
        type: bool
        default: false
  incoming:
    description: Set by the controller's half, the folder on the host with the lists it sent.
    type: path
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: Is the release what was built?
  artifact_check:
    application: shop
    release: 4f0c2a91d3be
    layers:
      - kind: source
        digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        listing: /tmp/source.files.jsonl
"""

RETURN = r"""
autodeploy:
  description: What was found.
  returned: success
  type: dict
  contains:
    current:
      description: The release that has the traffic; null where none has.
      type: str
    files:
      description:
        - By C(changed), C(missing) and C(extra) the C(total) of such paths below the application's
          folder, and the C(first) of them.
      type: dict
"""

import os

from ansible.module_utils.artifact_compare import Differences, compare
from ansible.module_utils.artifact_delivery import LAYER, name_problem
from ansible.module_utils.artifact_store import DIGEST, Store
from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "layers": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {**LAYER, "listed": {"type": "bool", "default": False}},
    },
    "incoming": {"type": "path"},
}


def check(params):
    """What differs, as the module returns it."""
    store, found = Store(params["application"]), Differences()
    for layer in params["layers"]:
        is_source = layer["kind"] == "source"
        digest = layer["digest"]
        folder = store.release(params["release"]) if is_source else store.layer(digest)
        links = links_of(store, params["layers"]) if is_source else {}
        below = os.path.relpath(folder, store.root)
        if not os.path.isdir(folder):
            found.add("missing", f"{below}/")
            continue
        listing = os.path.join(params["incoming"], digest) if layer["listed"] else os.devnull

        def note(kind, path, below=below):
            found.add(kind, f"{below}/{path}")

        # Without a list nothing tells what is there besides.
        with open(listing) as lines:
            compare(folder, lines, links, note, skip=lambda _p, known=layer["listed"]: not known)
    return {"current": current(store), "files": found.told()}


def links_of(store, layers):
    return {
        os.path.normpath(name): os.path.normpath(os.path.join(store.layer(layer["digest"]), inside))
        for layer in layers
        for name, inside in layer["links"].items()
    }


def current(store):
    link = f"{store.root}/current"
    return os.path.basename(os.readlink(link)) if os.path.islink(link) else None


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    params = module.params
    wrong = name_problem(params["application"], params["release"])
    digests = [one["digest"] for one in params["layers"]]
    if wrong or not all(map(DIGEST.fullmatch, digests)):
        module.fail_json(msg=wrong or f"no SHA-256 each: {', '.join(digests)}")
    try:
        module.exit_json(changed=False, autodeploy=check(params))
    except OSError as error:
        module.fail_json(msg=f"the release could not be read: {error}")


if __name__ == "__main__":
    main()
