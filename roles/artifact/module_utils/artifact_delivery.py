"""A release's layers on their way into the store: verified, whole or not at all."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil

from ansible.module_utils.artifact_archive import Refused, escapes, unpack, verify
from ansible.module_utils.artifact_store import (
    DIGEST,
    PARTIAL,
    Store,
    clear_partials,
    have_folders,
    have_user,
    old_folders,
    read_manifests,
    remove,
    write_manifest,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
LAYER = {
    "kind": {"type": "str", "required": True, "choices": ["dependencies", "source"]},
    "digest": {"type": "str", "required": True},
    "links": {"type": "dict", "default": {}},
    # No secret: it is kept out of what is said of the module's run.
    "content": {"type": "str", "no_log": True},
}
OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "layers": {"type": "list", "elements": "dict", "required": True, "options": LAYER},
    "keep": {"type": "int", "default": 5},
    "incoming": {"type": "path"},
}


def name_problem(application, release):
    """What is wrong with the names; None where nothing is."""
    if not APPLICATION.fullmatch(application):
        return f"{application!r} is no name for an application"
    return None if NAME.fullmatch(release) else f"{release!r} is no name for a release"


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    wrong = name_problem(params["application"], params["release"])
    if wrong:
        return wrong
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


def bring(archive, digest, final, uid, gid, finish=lambda _folder: None):
    """Verify, unpack and rename an open archive; nothing is left where any of it fails."""
    partial = os.path.join(os.path.dirname(final), f".{os.path.basename(final)}{PARTIAL}")
    os.mkdir(partial)
    try:
        verify(archive, digest)
        unpack(archive, partial, uid, gid)
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


def missing_folders(store, release, layers):
    wanted = [store.layer(one["digest"]) for one in layers if one["kind"] == "dependencies"]
    return [path for path in [*wanted, store.release(release)] if not os.path.isdir(path)]


def add(store, params, missing, owner):
    """Bring every missing folder, dependencies first."""
    for layer in params["layers"]:
        if layer["kind"] == "dependencies" and store.layer(layer["digest"]) in missing:
            with opened(layer, params["incoming"]) as archive:
                bring(archive, layer["digest"], store.layer(layer["digest"]), 0, 0)
    release = store.release(params["release"])
    if release not in missing:
        return
    source = next(layer for layer in params["layers"] if layer["kind"] == "source")

    def finish(folder):
        make_links(store, params["layers"], folder, *owner)
        os.chmod(folder, 0o750)
        write_manifest(store, params["release"], params["layers"])

    with opened(source, params["incoming"]) as archive:
        bring(archive, source["digest"], release, *owner, finish=finish)


def opened(layer, incoming):
    """A layer's archive, that came with the options or into the folder."""
    if layer["content"]:
        return io.BytesIO(base64.b64decode(layer["content"]))
    return open(os.path.join(incoming or "", layer["digest"]), "rb")


def deliver(module, params):
    """Put the release's layers on the host, and remove what is old.

    Returns:
        The result of the module artifact_release.

    Raises:
        Refused: Of the release nothing is there that was not before.
    """
    wrong = problem(params)
    if wrong:
        raise Refused(wrong)
    try:
        return _deliver(module, params)
    except Refused as error:
        raise Refused(f"{error}; nothing of it was kept") from error
    except OSError as error:
        raise Refused(f"the release could not be written: {error}") from error


def _deliver(module, params):
    store = Store(params["application"])
    check_same(store, params)
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
    return {
        "changed": changed or bool(missing or removed),
        "autodeploy": {"added": missing, "removed": removed},
        "diff": {
            "before": "".join(f"{one}\n" for one in removed),
            "after": "".join(f"{one}\n" for one in missing),
        },
    }


def check_same(store, params):
    """A release is never changed: one of this name must be made of these layers."""
    there = read_manifests(store).get(params["release"])
    if there is not None and there != [layer["digest"] for layer in params["layers"]]:
        raise Refused(f"release {params['release']} is there already, with other layers")
