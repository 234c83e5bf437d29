"""A bare, shallow copy of a repository, kept between runs: only what is new is transferred."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from autodeploy.errors import EmptyRepository, ReconError, RefNotFound
from autodeploy.recon.git.command import Git
from autodeploy.recon.git.local import lent_objects

FETCHED = "refs/autodeploy/fetched"
EVERYTHING = "2147483647"
COMMIT = re.compile(r"[0-9a-f]{7,40}")
WHOLE_COMMIT = re.compile(r"[0-9a-f]{40}")
NEVER_IN_A_REF = re.compile(r"[\s~^:?*\[\\]|\.\.|@\{")
FRESH = {
    "HEAD": "ref: refs/heads/none\n",
    "config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
}


class Mirror:
    """The copy at `folder`.

    Attributes:
        folder: The bare repository.
        address: Of what it mirrors.
        lends: Whether the objects of a repository on this machine are read where they are.
        filtered: Whether contents may be missing.
    """

    def __init__(self, folder: Path, git: Git, *, without_contents: bool = False) -> None:
        """Describe a mirror; it is made at the first `fetch`.

        Args:
            folder: Where it is.
            git: What reaches the repository.
            without_contents: Leave file contents where they are, if the host can.
        """
        self.folder = folder
        self.address = git.address
        self._git = git
        lent = lent_objects(Path(self.address.path)) if self.address.scheme == "file" else None
        self._lent = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": lent} if lent else {}
        self.lends = bool(lent)
        self.filtered = without_contents and not self.lends

    def fetch(self, ref: str | None) -> str:
        """Bring the commit that `ref` names and give its hash. None is the default branch.

        Raises:
            RefNotFound: No branch, tag or commit of that name.
            EmptyRepository: The repository has no commit.
            ReconError: It cannot be read; the class says why.
        """
        if not self.folder.is_dir():
            self._make()
            if ref is None and not self.lends and (commit := self._default_branch()):
                return commit
        elif ref and WHOLE_COMMIT.fullmatch(ref) and (commit := self._commit(ref)):
            # What it names can never be anything else, wherever branches have gone since.
            return commit
        refs = self._remote_refs(ref)
        name = self._named(ref, refs)
        if name is None:
            return self._fetch_commit(ref or "")
        wanted = refs.get(f"{name}^{{}}", refs[name])
        if self.lends:
            return self._found(ref or name, wanted)
        if self._commit(FETCHED) != wanted:
            self._fetch("1", f"+{name}:{FETCHED}")
        return self._found(ref or name)

    def run(
        self,
        *arguments: str,
        protocols: str = "",
        variables: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> bytes:
        """Run git on the mirror, as `Git.run`."""
        variables = {"GIT_DIR": str(self.folder), **self._lent, **(variables or {})}
        return self._git.run(
            *arguments, protocols=protocols, variables=variables, config=config, stdin=stdin
        )

    def remote(
        self,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> bytes:
        """Run git on the mirror with the repository as its `origin`, as `Git.run`."""
        return self.run(
            *arguments,
            protocols=self.address.scheme,
            variables=variables,
            config={"remote.origin.url": self.address.public, **(config or {})},
            stdin=stdin,
        )

    def _make(self) -> None:
        """What `git init --bare` makes, without a process."""
        for name in ("objects", "refs"):
            (self.folder / name).mkdir(parents=True)
        for name, content in FRESH.items():
            (self.folder / name).write_text(content)

    def _default_branch(self) -> str | None:
        """The commit of the default branch, without asking first what there is."""
        try:
            self._fetch("1", f"+HEAD:{FETCHED}")
        except RefNotFound:
            return None
        return self._found("HEAD")

    def _fetch(self, depth: str, *refspecs: str) -> None:
        options = ("--progress", "--force", "--no-tags", "--no-write-fetch-head")
        only_names = ("--filter=blob:none",) if self.filtered else ()
        self.remote("fetch", *options, *only_names, f"--depth={depth}", "origin", *refspecs)

    def _remote_refs(self, ref: str | None) -> dict[str, str]:
        if ref is not None and (NEVER_IN_A_REF.search(ref) or ref.startswith("-") or not ref):
            raise self._missing(ref)
        patterns = [ref, f"{ref}^{{}}"] if ref else []
        listed = self.remote("ls-remote", "origin", "HEAD", *patterns)
        lines = listed.decode(errors="replace").splitlines()
        return {name: commit for commit, name in (line.split("\t", 1) for line in lines)}

    def _named(self, ref: str | None, refs: dict[str, str]) -> str | None:
        """The full name of the ref: a branch before a tag, as `git clone --branch` has it."""
        if ref is None:
            if "HEAD" not in refs:
                raise self._headless()
            return "HEAD"
        names = (ref, f"refs/heads/{ref}", f"refs/tags/{ref}")
        return next((name for name in names if name in refs), None)

    def _headless(self) -> ReconError:
        listed = self.remote("ls-remote", "--heads", "origin")
        branches = [line.rsplit(b"refs/heads/", 1)[-1].decode() for line in listed.splitlines()]
        where = self.address.public
        if not branches:
            return EmptyRepository(f"the repository has no commit: {where}", step="clone")
        return RefNotFound(
            f"the repository's default branch does not exist: {where}",
            step="clone",
            remediation=f"Name a branch with --ref: {', '.join(branches[:5])}.",
        )

    def _fetch_commit(self, ref: str) -> str:
        """A commit by its hash: alone where the host gives single commits, else with everything."""
        if not COMMIT.fullmatch(ref.lower()):
            raise self._missing(ref)
        if self.lends:
            return self._found(ref, ref)
        if WHOLE_COMMIT.fullmatch(ref.lower()):
            try:
                self._fetch("1", f"+{ref.lower()}:{FETCHED}")
                return self._found(ref)
            except RefNotFound:
                pass
        heads, tags = "+refs/heads/*:refs/autodeploy/heads/*", "+refs/tags/*:refs/autodeploy/tags/*"
        self._fetch(EVERYTHING, heads, tags)
        return self._found(ref, ref)

    def _found(self, ref: str, name: str = FETCHED) -> str:
        commit = self._commit(name)
        if commit is None:
            raise self._missing(ref)
        return commit

    def _commit(self, name: str) -> str | None:
        asked = f"{name}^{{commit}}\n".encode()
        found = self.run("cat-file", "--batch-check=%(objectname)", stdin=asked).decode().strip()
        return found if WHOLE_COMMIT.fullmatch(found) else None

    def _missing(self, ref: str) -> RefNotFound:
        where = self.address.public
        return RefNotFound(f"there is no branch, tag or commit {ref!r} in {where}", step="clone")
