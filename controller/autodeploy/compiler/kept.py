"""What the cache folder keeps, and taking away what nobody used for long.

A build locks each thing while it makes or finds it and marks it as used then; a process that
builds holds the folder (`hold`) to its end, because a deployment reads archives after its build.
"""

from __future__ import annotations

import fcntl
import functools
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from autodeploy.compiler.layers import Entry
from autodeploy.compiler.slots import GONE, held
from autodeploy.compiler.takeback import remove
from autodeploy.paths import private_folder

DAY = 86400.0
HALF_MADE = (
    *("layers/.new-*", "toolchains/.new-*", "index/tmp*"),
    *("downloads/.[!l]*", f"builds/{GONE}*", "builds/[0-9]*"),
)


@dataclass(frozen=True)
class Kept:
    """One thing of the cache.

    Attributes:
        kind: dependencies, source, toolchain, downloads, clone or half-made.
        name: Its name; of a layer the key.
        size: Its bytes.
        used: When a build last used it, in seconds since 1970.
        paths: Its files and folders.
        lock: The file that a build locks to use it; None where there is none.
        commands: What was run to make a layer.
    """

    kind: str
    name: str
    size: int
    used: float
    paths: tuple[Path, ...]
    lock: Path | None = None
    commands: tuple[str, ...] = field(default=())


def listed(cache: Path) -> list[Kept]:
    """All that is kept, by kind, what was used last first; half-made things are last."""
    found = [*_layers(cache), *_folders(cache), *_half_made(cache)]
    return sorted(found, key=lambda one: (one.kind == "half-made", one.kind, -one.used))


def prune(cache: Path, older_than: float) -> tuple[list[Kept], bool]:
    """Take away what was not used for `older_than` seconds, and what died half-made.

    Returns:
        What was taken, and whether a build runs: then what was used within a day stays.
    """
    with _alone(cache) as alone:
        age = older_than if alone else max(older_than, DAY)
        before = time.time() - age
        taken = [one for one in listed(cache) if _taken(one, before, alone=alone)]
        # What belonged to two entries belongs to none now.
        taken += [
            one
            for one in listed(cache)
            if one.kind == "half-made" and _taken(one, before, alone=alone)
        ]
    return taken, not alone


@functools.cache
def hold(cache: Path) -> int:
    """Let no one take what was used lately, until this process ends."""
    descriptor = os.open(_lock(cache), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _lock(cache: Path) -> Path:
    return private_folder(cache / "locks") / "cache"


@contextmanager
def _alone(cache: Path) -> Iterator[bool]:
    with _lock(cache).open("a") as file:
        yield _locked(file.fileno())


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken(one: Kept, before: float, *, alone: bool) -> bool:
    """Take one thing away, unless a build uses it now, or has since it was listed."""
    if one.kind == "half-made":
        before = time.time() if alone else time.time() - DAY
    with ExitStack() as held:
        if one.lock and not _locked(held.enter_context(one.lock.open("a")).fileno()):
            return False
        if _used(one.paths[0]) >= before:
            return False
        for path in one.paths:
            remove(path)
    return True


def _layers(cache: Path) -> Iterator[Kept]:
    named: dict[str, list[Path]] = {}
    for archive in (cache / "layers").glob("[!.]*"):
        named.setdefault(archive.name.partition(".")[0], []).append(archive)
    entries = {path: _entry(path) for path in (cache / "index").glob("*.json")}
    owners: dict[str, int] = {}
    for known in filter(None, entries.values()):
        owners[known.layer.digest] = owners.get(known.layer.digest, 0) + 1
    for path, entry in entries.items():
        files = named.get(entry.layer.digest, []) if entry else []
        # A layer that several inputs make goes with the last of them.
        own = files if entry and owners[entry.layer.digest] == 1 else []
        yield Kept(
            kind=entry.layer.kind if entry else "half-made",
            name=path.stem,
            size=sum(map(_size, files)),
            used=_used(path),
            paths=(path, *own),
            lock=cache / "locks" / path.stem,
            commands=entry.commands if entry else (),
        )
    for digest in named.keys() - owners.keys():
        yield _whole("half-made", named[digest][0], *named[digest][1:])


def _entry(path: Path) -> Entry | None:
    try:
        return Entry.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _folders(cache: Path) -> Iterator[Kept]:
    for folder in (cache / "toolchains").glob("[!.]*"):
        yield _whole("toolchain", folder, lock=folder.with_name(f".{folder.name}.lock"))
    for folder in (cache / "downloads").glob("[!.]*"):
        yield _whole("downloads", folder, lock=cache / "downloads" / ".lock")
    for folder in (cache / "clones").glob("[!.]*"):
        yield _whole("clone", folder, lock=folder / "lock")
    for document in (cache / "sboms").glob("[!.]*"):
        yield _whole("sbom", document)
    if (cache / "fetched").is_dir():
        yield _whole("downloads", cache / "fetched")


def _half_made(cache: Path) -> Iterator[Kept]:
    for pattern in HALF_MADE:
        for path in cache.glob(pattern):
            if not (path.parent.name == "builds" and held(cache, path.name)):
                yield _whole("half-made", path)


def _whole(kind: str, *paths: Path, lock: Path | None = None) -> Kept:
    first = paths[0]
    return Kept(kind, first.name, sum(map(_size, paths)), _used(first), paths, lock)


def _used(path: Path) -> float:
    """When the thing was marked as used; a clone's mark is its lock, which Recon writes anew."""
    mark = path / "lock"
    try:
        return (mark if mark.is_file() else path).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    total = 0
    for folder, _folders_below, files in os.walk(path):
        for name in files:
            try:
                total += Path(folder, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
