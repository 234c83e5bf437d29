"""Python: what its files say."""

from __future__ import annotations

from autodeploy.recon.fact import CONVENTION, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.python import assets, commands, data, django, tooling, workspaces
from autodeploy.recon.python.dependencies import Dependencies, dependencies
from autodeploy.recon.python.entry import find_entry
from autodeploy.recon.python.health import health
from autodeploy.recon.python.variables import variables
from autodeploy.recon.tree import Tree

LANGUAGE = "python"
# An application that has several is the first of them: the others serve it.
FRAMEWORKS = {
    "django": "django",
    "python-fasthtml": "fasthtml",
    "nicegui": "nicegui",
    "fastapi": "fastapi",
    "litestar": "litestar",
    "starlite": "litestar",
    "quart": "quart",
    "flask": "flask",
    "sanic": "sanic",
    "falcon": "falcon",
    "bottle": "bottle",
    "blacksheep": "blacksheep",
    "robyn": "robyn",
    "cherrypy": "cherrypy",
    "pyramid": "pyramid",
    "chainlit": "chainlit",
    "streamlit": "streamlit",
    "gradio": "gradio",
    "dash": "dash",
    "reflex": "reflex",
    "tornado": "tornado",
    "aiohttp": "aiohttp",
    "starlette": "starlette",
}
PORTS = {
    **dict.fromkeys(("flask", "django", "fastapi"), "8000"),
    "streamlit": "8501",
    "gradio": "7860",
}


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Python."""
    names = ("requirements.txt", *tooling.LOCKS, *tooling.MANIFESTS, *tooling.CONDA, "manage.py")
    manifest = tree.first(*names)
    if manifest is None:
        source = next((name for name in tree.files() if name.endswith(".py")), None)
        return Fact(LANGUAGE, source, None, GUESSED) if source else None
    found = dependencies(tree)
    if fact := _framework(found):
        return Fact(LANGUAGE, fact.file, fact.line)
    runs = tree.first(*commands.SCRIPTS, "manage.py")
    only_tools = manifest in tooling.MANIFESTS and not found and not runs
    return Fact(LANGUAGE, manifest, None, CONVENTION if only_tools else DERIVED)


def facts(tree: Tree) -> Candidates:
    """Everything that Python's files say."""
    found = dependencies(tree)
    framework = _framework(found) or _by_script(tree, found)
    name = framework.value if framework else None
    project = django.find_project(tree) if name == "django" else None
    entry = find_entry(tree, name) if name and name != "django" else None
    sources = [one for one in (entry.file if entry else tree.first(*commands.SCRIPTS),) if one]
    servers = list(data.databases(tree, _everywhere(tree, found), sources))
    return {
        "framework": [framework] if framework else [],
        "package_manager": list(tooling.managers(tree)),
        "runtime_version": list(tooling.versions(tree)),
        "databases": [*servers, *(django.databases(tree, project) if project else ())],
        "start_command": list(commands.starts(tree, name, project, entry, found)),
        "release_command": list(commands.releases(tree, project, entry, found)),
        "port": _port(framework),
        "variables": list(variables(tree, [*sources, *(project.settings if project else ())])),
        "static": list(assets.static(tree, project, entry)),
        "media": list(assets.media(tree, project)),
        "health_path": list(health(tree, entry, project)),
    }


def deployable(tree: Tree) -> bool:
    """Whether the folder holds something to run, and no library."""
    found = dependencies(tree)
    return bool(_framework(found)) or bool(tree.first(*commands.SCRIPTS, "manage.py"))


def workspace(tree: Tree) -> list[str]:
    """The members of a uv workspace."""
    return workspaces.members(tree)


def _everywhere(tree: Tree, found: Dependencies) -> Dependencies:
    merged = dict(found)
    for folder in workspaces.members(tree):
        for name, fact in dependencies(tree.at(folder)).items():
            merged.setdefault(name, Fact(fact.value, f"{folder}/{fact.file}", fact.line))
    return merged


def _framework(found: Dependencies) -> Fact | None:
    for package, name in FRAMEWORKS.items():
        if fact := found.get(package):
            return Fact(name, fact.file, fact.line)
    return None


def _by_script(tree: Tree, found: Dependencies) -> Fact | None:
    """Django's manage.py, where no file says what the project depends on."""
    line = None if found else tree.line("manage.py", "django.core.management")
    return Fact("django", "manage.py", line, CONVENTION) if line else None


def _port(framework: Fact | None) -> list[Fact]:
    port = PORTS.get(framework.value) if framework else None
    return [Fact(port, framework.file, framework.line, CONVENTION)] if framework and port else []
