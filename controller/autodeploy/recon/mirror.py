"""A bare, shallow copy of a repository, kept between runs: only what is new is transferred."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from autodeploy.errors import EmptyRepository, ReconError, RefNotFound
from autodeploy.recon.gitcommand import Git

FETCHED = "refs/autodeploy/fetched"
EVERYTHING = "2147483647"
COMMIT = re.compile(r"[0-9a-f]{7,40}")
NEVER_IN_A_REF = re.compile(r"[\s~^:?*\[\\]|\.\.|@\{")
SUBMODULE_PROTOCOLS = "https:ssh:git"


class Mirror:
    """The copy at `folder`."""

    def __init__(self, folder: Path, git: Git) -> None:
        self._folder = folder
        self._git = git
        self._protocols = git.address.scheme

    def fetch(self, ref: str | None) -> str:
        """Bring the commit that `ref` names and give its hash. None is the default branch.

        Raises:
            RefNotFound: No branch, tag or commit of that name.
            EmptyRepository: The repository has no commit.
            ReconError: It cannot be read; the class says why.
        """
        if not self._folder.is_dir():
            self._make()
        self._run("config", "remote.origin.url", self._git.address.public)
        refs = self._remote_refs(ref)
        name = self._named(ref, refs)
        if name is None:
            return self._fetch_commit(ref or "")
        wanted = refs.get(f"{name}^{{}}", refs[name])
        if self._have() != wanted:
            self._fetch("1", f"+{name}:{FETCHED}")
        return self._fetched(ref or name)

    def check_out(self, commit: str, target: Path) -> None:
        """Write the files of the commit, and of its submodules, into the empty folder `target`."""
        variables = {"GIT_WORK_TREE": str(target), "GIT_INDEX_FILE": str(self._folder / "index")}
        (self._folder / "index").unlink(missing_ok=True)
        self._run("read-tree", "--reset", "-u", commit, variables=variables)
        if (target / ".gitmodules").is_file():
            self._run(
                *("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"),
                protocols=SUBMODULE_PROTOCOLS,
                variables=variables,
            )
            for link in target.rglob(".git"):
                link.unlink() if link.is_file() else shutil.rmtree(link)

    def dirty(self, commit: str, folder: Path, index: Path) -> bool:
        """Whether the user's work tree `folder` differs from the commit.

        The index is the user's and only read; the configuration is ours, so that no filter or
        monitor of the repository runs.
        """
        self._run("update-ref", "--no-deref", "HEAD", commit)
        variables = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
        status = ("status", "--porcelain", "--ignore-submodules=all")
        return bool(self._run(*status, variables=variables).strip())

    def _make(self) -> None:
        self._git.run("init", "--quiet", "--bare", "--template=", str(self._folder))

    def _run(
        self, *arguments: str, protocols: str = "", variables: dict[str, str] | None = None
    ) -> bytes:
        repository = {"GIT_DIR": str(self._folder), **(variables or {})}
        return self._git.run(*arguments, protocols=protocols, variables=repository)

    def _fetch(self, depth: str, *refspecs: str) -> None:
        options = ("--quiet", "--force", "--no-tags", "--no-write-fetch-head", f"--depth={depth}")
        self._run("fetch", *options, "origin", *refspecs, protocols=self._protocols)

    def _remote_refs(self, ref: str | None) -> dict[str, str]:
        if ref is not None and (NEVER_IN_A_REF.search(ref) or ref.startswith("-") or not ref):
            raise self._missing(ref)
        patterns = [ref, f"{ref}^{{}}"] if ref else []
        listed = self._run("ls-remote", "origin", "HEAD", *patterns, protocols=self._protocols)
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
        listed = self._run("ls-remote", "--heads", "origin", protocols=self._protocols)
        branches = [line.rsplit(b"refs/heads/", 1)[-1].decode() for line in listed.splitlines()]
        where = self._git.address.public
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
        if len(ref) == 40:
            try:
                self._fetch("1", f"+{ref.lower()}:{FETCHED}")
                return self._fetched(ref)
            except RefNotFound:
                pass
        heads, tags = "+refs/heads/*:refs/autodeploy/heads/*", "+refs/tags/*:refs/autodeploy/tags/*"
        self._fetch(EVERYTHING, heads, tags)
        return self._fetched(ref, ref)

    def _fetched(self, ref: str, name: str = FETCHED) -> str:
        commit = self._commit(name)
        if commit is None:
            raise self._missing(ref)
        return commit

    def _have(self) -> str | None:
        return self._commit(FETCHED)

    def _commit(self, name: str) -> str | None:
        try:
            found = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except ReconError:
            return None
        return found.decode().strip()

    def _missing(self, ref: str) -> RefNotFound:
        where = self._git.address.public
        return RefNotFound(f"there is no branch, tag or commit {ref!r} in {where}", step="clone")
