"""A member of a workspace: installed and built where the workspace is, run in its own folder."""

from __future__ import annotations

import shlex

from autodeploy.contracts import Source, TechStack

COMMANDS = ("build_command", "start_command", "release_command")


def from_its_workspace(source: Source, stack: TechStack) -> tuple[Source, TechStack]:
    """The source and the stack as seen from the workspace's root; as they are where there is none.

    A member of a JavaScript workspace has its lock file above it: its dependencies are installed
    from there, and its commands run in its folder.
    """
    said = next((one for one in stack.evidence if one.fact == "package_manager"), None)
    steps = said.file.count("../") if said and said.file.startswith("../") else 0
    if stack.language != "node" or not steps:
        return source, stack
    parts = source.path.split("/")
    above, folder = "/".join(parts[:-steps]), "/".join(parts[-steps:])
    root = source.model_copy(update={"checkout": source.checkout.parents[steps - 1], "path": above})
    commands = {name: _within(folder, getattr(stack, name)) for name in COMMANDS}
    processes = {name: _within(folder, one) for name, one in stack.processes.items()}
    output = f"{folder}/{stack.output}" if stack.output else None
    return root, stack.model_copy(update={**commands, "processes": processes, "output": output})


def _within(folder: str, command: str | None) -> str | None:
    return f"cd {shlex.quote(folder)} && {command}" if command else None
