"""The files of a source that are shipped: what the ignore rules leave, read without trust."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from autodeploy.contracts import Source
from autodeploy.errors import BuildError

NEVER = (".git", "node_modules/", ".venv/", "__pycache__/", "*.pyc", ".autodeployignore")
MAX_READ = 32 * 1024 * 1024
Rules = tuple[tuple[str, GitIgnoreSpec], ...]


class Tree:
    """What is shipped of a folder.

    .gitignore counts only in a folder that is no checkout: what is committed is meant.

    Attributes:
        root: The folder.
        paths: Regular files and symbolic links, relative, sorted.
    """

    def __init__(self, source: Source) -> None:
        self.root = source.checkout
        own = [*source.ignored, *_lines(self.root / ".autodeployignore"), *NEVER]
        rules = (("", GitIgnoreSpec.from_lines(own)),)
        self.paths = tuple(sorted(_walk(self.root, "", rules, git=source.commit is None)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The paths, to look one up."""
        return frozenset(self.paths)

    def read(self, path: str) -> str:
        """The text of one shipped file; "" where there is none.

        Raises:
            BuildError: It is a link out of the repository, or too large to be what it should be.
        """
        if path not in self.names:
            return ""
        real = (self.root / path).resolve()
        if not real.is_relative_to(self.root.resolve()) or not real.is_file():
            raise BuildError(
                f"{path} is no file of the repository",
                step="source",
                remediation="It is a link that leads out of the repository, or to nothing: put the "
                "file itself there.",
            )
        if real.stat().st_size > MAX_READ:
            raise BuildError(f"{path} is larger than {MAX_READ} bytes", step="source")
        return real.read_text(encoding="utf-8-sig", errors="replace")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over names, kinds, executable bits and contents."""
        return self.digest_of(self.paths)

    def digest_of(self, paths: Sequence[str]) -> str:
        """The same over some of the files."""
        whole = hashlib.sha256()
        for path in paths:
            kind, content = _content(self.root / path)
            whole.update(os.fsencode(path) + b"\0" + kind + content)
        return whole.hexdigest()

    def copy(self, target: Path, paths: Sequence[str] | None = None) -> None:
        """Copy all files, or some, to `target`, which is made; links stay links."""
        target.mkdir(parents=True)
        for path in self.paths if paths is None else paths:
            copy = target / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / path, copy, follow_symlinks=False)


def _walk(root: Path, prefix: str, rules: Rules, *, git: bool) -> Iterator[str]:
    folder = root / prefix
    if git:
        rules = (*rules, (prefix, GitIgnoreSpec.from_lines(_lines(folder / ".gitignore"))))
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            if (
                not _ignored(path + "/", rules)
                and not (folder / entry.name / "pyvenv.cfg").exists()
            ):
                yield from _walk(root, path + "/", rules, git=git)
        elif (entry.is_symlink() or entry.is_file()) and not _ignored(path, rules):
            yield path


def _ignored(path: str, rules: Rules) -> bool:
    """Whether the path is left out: our own rules first, then the nearest .gitignore decides."""
    if rules[0][1].match_file(path):
        return True
    for prefix, spec in reversed(rules[1:]):
        said = spec.check_file(path[len(prefix) :]).include
        if said is not None:
            return said
    return False


def _lines(path: Path) -> Sequence[str]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_READ:
        return []
    return path.read_text(errors="replace").splitlines()


def _content(path: Path) -> tuple[bytes, bytes]:
    if path.is_symlink():
        return b"link", hashlib.sha256(os.fsencode(path.readlink())).digest()
    with path.open("rb") as file:
        kind = b"exec" if os.fstat(file.fileno()).st_mode & 0o100 else b"file"
        return kind, hashlib.file_digest(file, "sha256").digest()


def inside(path: str, target: str) -> bool:
    """Whether a link at `path` to `target` stays below the root of its tree."""
    parts = list(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(target).parts:
        if part == "/" or (part == ".." and not parts):
            return False
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return True
