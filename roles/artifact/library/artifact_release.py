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

import grp
import json
import os
import pwd
import re
import shutil

from ansible.module_utils.artifact_archive import Refused, escapes, unpack, verify
from ansible.module_utils.basic import AnsibleModule

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
DIGEST = re.compile(r"[0-9a-f]{64}")
PARTIAL = ".partial"


class Store:
    """The folders of one application."""

    def __init__(self, application):
        self.user = f"app-{application}"
        self.root = f"/srv/{application}"
        self.layers = f"{self.root}/layers"
        self.releases = f"{self.root}/releases"

    def layer(self, digest):
        return f"{self.layers}/{digest}"

    def release(self, name):
        return f"{self.releases}/{name}"

    def manifest(self, name):
        """Root's own note of what a release is made of; the release's folder is not trusted."""
        return f"{self.releases}/.{name}.json"

    def spared(self):
        """The live release and the one before it."""
        links = (f"{self.root}/{name}" for name in ("current", "previous"))
        return {os.path.basename(os.readlink(link)) for link in links if os.path.islink(link)}


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    if not NAME.fullmatch(params["release"]):
        return f"{params['release']!r} is no name for a release"
    kinds = [layer["kind"] for layer in params["layers"]]
    if kinds.count("source") != 1:
        return f"a release has exactly one source layer, this one has {kinds.count('source')}"
    for layer in params["layers"]:
        if not DIGEST.fullmatch(layer["digest"]):
            return f"{layer['digest']!r} is no SHA-256"
        for path in (*layer["links"], *layer["links"].values()):
            if escapes(path):
                return f"the link {path!r} leaves its folder"
        if "." in map(os.path.normpath, layer["links"]):
            return "a link cannot replace the whole release"
    return None


def prunable(by_age, spared, keep):
    """Releases to remove: those beyond the newest `keep`, but for the spared ones.

    Args:
        by_age: All releases, the newest first.
        spared: Those that stay however old they are; they count.
        keep: How many stay.
    """
    room = max(keep - len(set(by_age) & spared), 0)
    others = [release for release in by_age if release not in spared]
    return others[room:]


def read_manifests(store):
    """Digests by release, the newest release first."""
    found = []
    for name in os.listdir(store.releases) if os.path.isdir(store.releases) else []:
        if not (name.startswith(".") and name.endswith(".json")):
            continue
        path = os.path.join(store.releases, name)
        if os.path.isdir(store.release(name[1:-5])):
            with open(path) as file:
                found.append((os.stat(path).st_mtime, name[1:-5], json.load(file)["layers"]))
    return {name: layers for _age, name, layers in sorted(found, reverse=True)}


def have_user(module, store):
    """Make the application's user and group; whether they had to be made."""
    try:
        pwd.getpwnam(store.user)
    except KeyError:
        pass
    else:
        return False
    if not module.check_mode:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", store.root]
        shell = ["--shell", "/usr/sbin/nologin"]
        module.run_command(["/usr/sbin/useradd", *options, *shell, store.user], check_rc=True)
    return True


def have_folders(store):
    uid, gid = pwd.getpwnam(store.user).pw_uid, grp.getgrnam(store.user).gr_gid
    for name, mode, owner in (
        ("", 0o755, (0, 0)),
        ("/layers", 0o755, (0, 0)),
        ("/releases", 0o755, (0, 0)),
        ("/environment", 0o700, (0, 0)),
        ("/shared", 0o750, (uid, gid)),
    ):
        path = store.root + name
        if not os.path.isdir(path):
            os.mkdir(path)
            os.chmod(path, mode)
            os.chown(path, *owner)
    return uid, gid


def clear_partials(store):
    """Remove what a run that was killed left behind."""
    for folder in (store.layers, store.releases):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(PARTIAL):
                shutil.rmtree(os.path.join(folder, name))
    for name in os.listdir(store.releases):
        if name.startswith(".") and not os.path.isdir(store.release(name[1:].split(".json")[0])):
            os.unlink(os.path.join(store.releases, name))


def bring(archive, digest, final, uid, gid, finish=lambda _folder: None):
    """Verify, unpack and rename; nothing is left where any of it fails."""
    partial = os.path.join(os.path.dirname(final), f".{os.path.basename(final)}{PARTIAL}")
    os.mkdir(partial)
    try:
        with open(archive, "rb") as file:
            verify(file, digest)
            unpack(file, partial, uid, gid)
        finish(partial)
        os.rename(partial, final)
    except BaseException:
        shutil.rmtree(partial)
        raise


def make_links(store, layers, folder, uid, gid):
    """Link the layers into a release; a layer wins over what the source has in its place."""
    for layer in layers:
        for name, inside in layer["links"].items():
            place = os.path.join(folder, os.path.normpath(name))
            parent = os.path.dirname(place)
            if os.path.realpath(parent) != os.path.normpath(parent):
                raise Refused(f"the link {name!r} would go through another link")
            os.makedirs(parent, exist_ok=True)
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)
            elif os.path.lexists(place):
                os.unlink(place)
            os.symlink(os.path.normpath(os.path.join(store.layer(layer["digest"]), inside)), place)
            os.chown(place, uid, gid, follow_symlinks=False)


def write_manifest(store, release, layers):
    path = store.manifest(release)
    with open(path + ".new", "w") as file:
        json.dump({"layers": [layer["digest"] for layer in layers]}, file)
    os.replace(path + ".new", path)


def missing_folders(store, release, layers):
    wanted = [store.layer(one["digest"]) for one in layers if one["kind"] == "dependencies"]
    return [path for path in [*wanted, store.release(release)] if not os.path.isdir(path)]


def add(store, params, missing, owner):
    """Bring every missing folder, dependencies first."""
    archive = lambda layer: os.path.join(params["incoming"] or "", layer["digest"])  # noqa: E731
    for layer in params["layers"]:
        if layer["kind"] == "dependencies" and store.layer(layer["digest"]) in missing:
            bring(archive(layer), layer["digest"], store.layer(layer["digest"]), 0, 0)
    release = store.release(params["release"])
    if release not in missing:
        return
    source = next(layer for layer in params["layers"] if layer["kind"] == "source")

    def finish(folder):
        make_links(store, params["layers"], folder, *owner)
        os.chmod(folder, 0o750)
        write_manifest(store, params["release"], params["layers"])

    bring(archive(source), source["digest"], release, *owner, finish=finish)


def old_folders(store, params):
    """Releases and layers that are no longer wanted, and the manifests that go with them."""
    manifests = read_manifests(store)
    digests = [layer["digest"] for layer in params["layers"]]
    manifests = {params["release"]: digests, **manifests}
    spared = {params["release"], *store.spared()}
    gone = prunable(list(manifests), spared, params["keep"])
    used = {digest for name, layers in manifests.items() if name not in gone for digest in layers}
    there = os.listdir(store.layers) if os.path.isdir(store.layers) else []
    unused = [digest for digest in there if DIGEST.fullmatch(digest) and digest not in used]
    return [store.release(name) for name in gone], [store.layer(digest) for digest in unused]


def remove(store, releases, layers):
    for path in [*releases, *layers]:
        if os.path.isdir(path):
            doomed = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{PARTIAL}")
            os.rename(path, doomed)
            shutil.rmtree(doomed)
    for path in releases:
        os.unlink(store.manifest(os.path.basename(path)))


def check_same(module, store, params):
    """A release is never changed: one of this name must be made of these layers."""
    there = read_manifests(store).get(params["release"])
    if there is not None and there != [layer["digest"] for layer in params["layers"]]:
        module.fail_json(msg=f"release {params['release']} is there already, with other layers")


def run(module):
    params = module.params
    store = Store(params["application"])
    check_same(module, store, params)
    changed = have_user(module, store)
    missing = missing_folders(store, params["release"], params["layers"])
    if not module.check_mode:
        owner = have_folders(store)
        clear_partials(store)
        add(store, params, missing, owner)
    releases, layers = old_folders(store, params)
    if not module.check_mode:
        remove(store, releases, layers)
    removed = [*releases, *layers]
    module.exit_json(
        changed=changed or bool(missing or removed),
        autodeploy={"added": missing, "removed": removed},
        diff={
            "before": "".join(f"{one}\n" for one in removed),
            "after": "".join(f"{one}\n" for one in missing),
        },
    )


def main():
    layer = {
        "kind": {"type": "str", "required": True, "choices": ["dependencies", "source"]},
        "digest": {"type": "str", "required": True},
        "links": {"type": "dict", "default": {}},
    }
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "layers": {"type": "list", "elements": "dict", "required": True, "options": layer},
            "keep": {"type": "int", "default": 5},
            "incoming": {"type": "path"},
        },
        supports_check_mode=True,
    )
    wrong = problem(module.params)
    if wrong:
        module.fail_json(msg=wrong)
    try:
        run(module)
    except Refused as error:
        module.fail_json(msg=f"{error}; nothing of it was kept")
    except OSError as error:
        module.fail_json(msg=f"the release could not be written: {error}")


if __name__ == "__main__":
    main()
