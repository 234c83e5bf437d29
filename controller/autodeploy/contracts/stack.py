"""Recon's second answer: what the repository is made of."""

from __future__ import annotations

from pydantic import Field

from autodeploy.contracts.base import Contract


class Evidence(Contract):
    """Why Recon says so.

    Attributes:
        fact: The field of `TechStack` it speaks for.
        value: The value it speaks for.
        file: The file, relative to the repository's root.
        line: The line, counted from 1; None where the whole file is meant.
        confidence: 0 to 1; 1 is a declaration, below 0.5 a guess.
    """

    fact: str
    value: str
    file: str
    line: int | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)


class RuntimeVersion(Contract):
    """The language's version.

    Attributes:
        declared: What the repository says, as it says it; None where it says nothing.
        resolved: The newest known line (`3.11`, `18`) that satisfies it, which runs where the
            host's own does not; None where none satisfies it.
        source: The file that declares it.
    """

    declared: str | None = None
    resolved: str | None = None
    source: str | None = None


class Variable(Contract):
    """An environment variable that the application reads. Its value is never kept.

    Attributes:
        name: As the application has it.
        required: Without it the application does not start, as far as its code says.
        default: The application or the repository has a value for it.
    """

    name: str
    required: bool = False
    default: bool = False


class Member(Contract):
    """One of several applications in a repository.

    Attributes:
        path: Its folder, relative to the folder that was looked at.
        language: Its language.
        framework: Its framework; None where there is none.
        file: What says so.
    """

    path: str
    language: str
    framework: str | None = None
    file: str


class TechStack(Contract):
    """A repository's technology. Names are lower case, as the ecosystem writes them.

    Attributes:
        language: node, python, go, ruby, php, java, rust, static; None where not recognised.
        framework: flask, django, fastapi, express, next, gin ...; None where there is none.
        package_manager: npm, pnpm, yarn, bun, pip, poetry, uv, pipenv, pdm, gomod.
        runtime_version: Declared and resolved.
        databases: postgresql, mysql, redis, mongodb; sorted, without doubles.
        build_command: What makes the build output; None where there is nothing to build.
        start_command: What starts the web process, run by `sh -c` in the release's folder.
        processes: Every long-running process by name; `web` is the one that takes traffic.
        release_command: Run once before a release takes traffic (migrations).
        output: The folder with the built files, where serving them is all there is to do.
        port: The port that the application listens on by itself; PORT is always set too.
        health_path: The path that tells health; `/` where nothing better is known.
        variables: Every environment variable that the application reads, by name.
        static_folders: Folder by the path of the URL under which its files are served as they are.
        media_folders: Likewise for what users upload, which outlives a release.
        members: The applications below, where the folder holds several; one is chosen by its path.
        unreadable: Manifests that cannot be parsed, relative to the repository's root.
        findings: What its user should know of it, for people.
        evidence: Every fact's grounds.
    """

    language: str | None = None
    framework: str | None = None
    package_manager: str | None = None
    runtime_version: RuntimeVersion = RuntimeVersion()
    databases: tuple[str, ...] = ()
    build_command: str | None = None
    start_command: str | None = None
    processes: dict[str, str] = Field(default_factory=dict)
    release_command: str | None = None
    output: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    health_path: str | None = None
    variables: tuple[Variable, ...] = ()
    static_folders: dict[str, str] = Field(default_factory=dict)
    media_folders: dict[str, str] = Field(default_factory=dict)
    members: tuple[Member, ...] = ()
    unreadable: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether clients reach it: by its process `web`, or as files."""
        return "web" in self.processes or self.output is not None or self.language == "static"
