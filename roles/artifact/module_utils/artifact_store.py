"""The folders of one application on its host: what is there, and what goes."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shutil

DIGEST = re.compile(r"[0-9a-f]{64}")
PARTIAL = ".partial"
RUNNING = "/sys/fs/cgroup/system.slice"
"""A folder for each service that runs."""


class Store:
    """The folders of one application."""

    def __init__(self, application):
        self.application = application
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

    def remembered(self, name):
        """With what a release here was last started and switched to; None where it never was."""
        try:
            with open(self.manifest(name)) as file:
                return json.load(file).get("served") if os.path.isdir(self.release(name)) else None
        except FileNotFoundError:
            return None

    def remember(self, name, served):
        """Note with what a release was started and switched to."""
        with open(self.manifest(name)) as file:
            noted = json.load(file)
        if noted.get("served") != served:
            replace(self.manifest(name), {**noted, "served": served})

    def spared(self):
        """The live release and the one before it."""
        links = (f"{self.root}/{name}" for name in ("current", "previous"))
        return {os.path.basename(os.readlink(link)) for link in links if os.path.islink(link)}

    def at_work(self, names):
        """Those of these releases of which something runs still, such as a job."""
        units = os.listdir(RUNNING) if os.path.isdir(RUNNING) else []
        ends = [one for one in units if one.startswith(f"{self.application}-")]
        return {name for name in names if any(is_of(one, name) for one in ends)}


def is_of(unit, release):
    """Whether a service of systemd's is a release's."""
    return unit.endswith((f"-{release}.service", f".{release}.service"))


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


def have_layers(store):
    """The folder of what releases share; it needs no user of the application's."""
    for path in (store.root, store.layers):
        have_folder(path, 0o755, 0, 0)


def have_folders(store):
    uid, gid = pwd.getpwnam(store.user).pw_uid, grp.getgrnam(store.user).gr_gid
    have_layers(store)
    have_folder(store.releases, 0o755, 0, 0)
    have_folder(f"{store.root}/environment", 0o700, 0, 0)
    have_folder(f"{store.root}/shared", 0o750, uid, gid)
    return uid, gid


def have_folder(path, mode, uid, gid):
    if not os.path.isdir(path):
        os.mkdir(path)
        os.chmod(path, mode)
        os.chown(path, uid, gid)


def clear_partials(store):
    """Remove what a run that was killed left behind."""
    for folder in (store.layers, store.releases):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(PARTIAL):
                shutil.rmtree(os.path.join(folder, name))
    for name in os.listdir(store.releases):
        if name.startswith(".") and not os.path.isdir(store.release(name[1:].split(".json")[0])):
            os.unlink(os.path.join(store.releases, name))


def write_manifest(store, release, layers):
    replace(store.manifest(release), {"layers": [layer["digest"] for layer in layers]})


def replace(path, noted):
    """Write a note of root's; mtime, a release's age, stays where it was there already."""
    before = os.stat(path) if os.path.exists(path) else None
    with open(path + ".new", "w") as file:
        json.dump(noted, file)
    if before:
        os.utime(path + ".new", ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(path + ".new", path)


def old_folders(store, params):
    """Releases and layers that are no longer wanted, and the manifests that go with them."""
    manifests = read_manifests(store)
    digests = [layer["digest"] for layer in params["layers"]]
    manifests = {params["release"]: digests, **manifests}
    spared = {params["release"], *store.spared(), *store.at_work(manifests)}
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
