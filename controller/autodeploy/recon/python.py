"""Python: framework, package manager, version and commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from autodeploy.recon import django
from autodeploy.recon.databases import PYTHON_DRIVERS, from_drivers
from autodeploy.recon.fact import CONVENTION, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.health import python_health
from autodeploy.recon.python_dependencies import Dependencies, dependencies, table
from autodeploy.recon.python_entry import Entry, find_entry
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import first_line, tool_files

LANGUAGE = "python"
# An application that has several is the first of them: the others serve it.
FRAMEWORKS = {
    "django": "django",
    "python-fasthtml": "fasthtml",
    "fastapi": "fastapi",
    "litestar": "litestar",
    "quart": "quart",
    "flask": "flask",
    "sanic": "sanic",
    "falcon": "falcon",
    "bottle": "bottle",
    "tornado": "tornado",
    "aiohttp": "aiohttp",
    "pyramid": "pyramid",
    "streamlit": "streamlit",
    "starlette": "starlette",
}
ASGI = frozenset({"fastapi", "starlette", "fasthtml", "litestar", "quart", "sanic"})
PORTS = {"flask": "8000", "django": "8000", "fastapi": "8000", "streamlit": "8501"}
LOCKS = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "Pipfile": "pipenv",
}
MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.in")
SCRIPTS = ("main.py", "app.py", "server.py", "bot.py", "hello.py", "run.py", "start.py")


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Python."""
    manifest = tree.first("requirements.txt", *LOCKS, *MANIFESTS, "environment.yml", "manage.py")
    if manifest is None:
        source = next((name for name in tree.files() if name.endswith(".py")), None)
        return Fact(LANGUAGE, source, None, GUESSED) if source else None
    found = dependencies(tree)
    if fact := _framework(found):
        return Fact(LANGUAGE, fact.file, fact.line)
    runs = tree.first(*SCRIPTS, "manage.py")
    only_tools = manifest in MANIFESTS and not found and not runs
    return Fact(LANGUAGE, manifest, None, CONVENTION if only_tools else DERIVED)


def facts(tree: Tree) -> Candidates:
    """Everything that Python's files say."""
    found = dependencies(tree)
    framework = _framework(found)
    name = framework.value if framework else None
    project = django.find_project(tree) if name == "django" else None
    entry = find_entry(tree, name) if name and name != "django" else None
    servers = list(from_drivers(found, PYTHON_DRIVERS))
    return {
        "framework": [framework] if framework else [],
        "package_manager": list(_package_managers(tree)),
        "runtime_version": list(_versions(tree)),
        "databases": [*servers, *(django.databases(tree, project) if project else ())],
        "start_command": list(_starts(tree, name, project, entry, found)),
        "release_command": list(_release(tree, project)),
        "port": _port(framework),
        "health_path": list(python_health(tree, entry, project)),
    }


def _framework(found: Dependencies) -> Fact | None:
    for package, name in FRAMEWORKS.items():
        if fact := found.get(package):
            return Fact(name, fact.file, fact.line)
    return None


def _port(framework: Fact | None) -> list[Fact]:
    port = PORTS.get(framework.value) if framework else None
    return [Fact(port, framework.file, framework.line, CONVENTION)] if framework and port else []


def _package_managers(tree: Tree) -> Iterator[Fact]:
    for file, name in LOCKS.items():
        if tree.has(file):
            yield Fact(name, file)
    tools = table(tree.toml("pyproject.toml"), "tool")
    for name in ("poetry", "pdm", "uv"):
        if name in tools and (name != "poetry" or "dependencies" in table(tools, "poetry")):
            yield Fact(name, "pyproject.toml", None, DERIVED)
    if tree.has("environment.yml"):
        yield Fact("conda", "environment.yml")
    for file in ("requirements.txt", *MANIFESTS):
        if tree.has(file):
            yield Fact("pip", file, None, CONVENTION)


def _versions(tree: Tree) -> Iterator[Fact]:
    """Files that pin the interpreter before ranges that say what is possible."""
    for path in (".python-version", "runtime.txt"):
        if fact := first_line(tree.read(path)):
            yield Fact(fact.value.removeprefix("python-"), fact.file, fact.line)
    yield from tool_files(tree, "python")
    requires = table(tree.toml("Pipfile"), "requires")
    document = tree.toml("pyproject.toml")
    asked = (
        ("Pipfile", requires, "python_full_version"),
        ("Pipfile", requires, "python_version"),
        ("pyproject.toml", table(document, "project"), "requires-python"),
        ("pyproject.toml", table(document, "tool", "poetry", "dependencies"), "python"),
    )
    for path, place, key in asked:
        file, value = tree.read(path), place.get(key)
        if file and isinstance(value, str):
            yield Fact(value, path, file.line_of(key))
    yield from _conda_version(tree)


def _conda_version(tree: Tree) -> Iterator[Fact]:
    entries = tree.yaml("environment.yml").get("dependencies")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str) and entry.startswith("python="):
            version = entry.removeprefix("python").lstrip("=")
            line = tree.line("environment.yml", entry)
            yield Fact(version, "environment.yml", line)


def _starts(
    tree: Tree,
    framework: str | None,
    project: django.Project | None,
    entry: Entry | None,
    found: Dependencies,
) -> Iterator[Fact]:
    if project and (target := django.wsgi_target(tree, project)):
        yield _served(_gunicorn(target.value, project.folder), target, found)
    if entry and framework:
        where = Fact(entry.target, entry.file, entry.line, DERIVED)
        yield _served(_served_by(framework, entry), where, found)
    if framework == "streamlit" and (script := tree.first("streamlit_app.py", *SCRIPTS)):
        options = "--server.port ${PORT:-8501} --server.headless true"
        yield Fact(f"streamlit run {script} {options}", script, None, DERIVED)
    if script := tree.first(*SCRIPTS):
        yield Fact(f"python {script}", script, None, CONVENTION)


def _served(command: str, where: Fact, found: Dependencies) -> Fact:
    """The command; less sure where its server is not declared and the Compiler must add it."""
    declared = command.split()[0] in found
    return Fact(command, where.file, where.line, DERIVED if declared else CONVENTION)


def _served_by(framework: str, entry: Entry) -> str:
    folder = "src" if entry.file.startswith("src/") else ""
    if framework in ASGI:
        factory = " --factory" if entry.factory else ""
        app_dir = f" --app-dir {folder}" if folder else ""
        return f"uvicorn {entry.target}{factory}{app_dir} --host 0.0.0.0 --port ${{PORT:-8000}}"
    return _gunicorn(f"'{entry.target}()'" if entry.factory else entry.target, folder)


def _gunicorn(target: str, folder: str) -> str:
    chdir = f" --chdir {shlex.quote(folder)}" if folder else ""
    return f"gunicorn --bind 0.0.0.0:${{PORT:-8000}}{chdir} {target}"


def _release(tree: Tree, project: django.Project | None) -> Iterator[Fact]:
    if project and (where := django.has_databases(tree, project)):
        manage = shlex.quote(f"{project.folder}/manage.py" if project.folder else "manage.py")
        yield Fact(f"python {manage} migrate --noinput", where.file, where.line, DERIVED)
