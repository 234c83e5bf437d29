"""Which tool builds: a function of the language, Recon's word and the lock files there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autodeploy.errors import BuildError

MANIFESTS = {
    "node": {
        "package-lock.json": "npm",
        "npm-shrinkwrap.json": "npm",
        "pnpm-lock.yaml": "pnpm",
        "yarn.lock": "yarn",
        "bun.lock": "bun",
        "bun.lockb": "bun",
    },
    "python": {
        "uv.lock": "uv",
        "poetry.lock": "poetry",
        "pdm.lock": "pdm",
        "Pipfile.lock": "pipenv",
        "requirements.txt": "pip",
        "pyproject.toml": "pip",
        "setup.cfg": "pip",
        "setup.py": "pip",
    },
    "go": {"go.mod": "gomod"},
    "static": {},
}
DEFAULT = {"node": "npm", "python": "pip", "go": "gomod", "static": "copy"}


@dataclass(frozen=True)
class Tool:
    """A build tool.

    Attributes:
        name: npm, pnpm, yarn, bun, pip, uv, poetry, pdm, pipenv, gomod, copy.
        lock: The file at the top that says what to install; None where there is none.
    """

    name: str
    lock: str | None


def choose(language: str | None, package_manager: str | None, names: Collection[str]) -> Tool:
    """The tool for a language and the files at the top of its repository.

    The package manager that Recon names wins; else the first lock file of the table there is.

    Raises:
        BuildError: The language is not one that can be built.
    """
    if language not in MANIFESTS:
        raise BuildError(
            f"{language or 'an unknown language'} cannot be built",
            step="tool",
            remediation=f"Set `language` in autodeploy.yml to one of {', '.join(MANIFESTS)}.",
        )
    there = {name: tool for name, tool in MANIFESTS[language].items() if name in names}
    for lock, tool in there.items():
        if package_manager in {None, tool}:
            return Tool(tool, lock)
    return Tool(package_manager or DEFAULT[language], None)
