"""How a Python application is started, and how its database is brought up to date."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from autodeploy.recon.fact import CONVENTION, DERIVED, GUESSED, Fact
from autodeploy.recon.python import django
from autodeploy.recon.python.dependencies import Dependencies, table
from autodeploy.recon.python.entry import Entry
from autodeploy.recon.tree import Tree

ASGI = frozenset({"fastapi", "starlette", "fasthtml", "litestar", "quart", "sanic", "blacksheep"})
SCRIPTS = ("main.py", "app.py", "server.py", "bot.py", "hello.py", "run.py", "start.py")
# What is started by a program of its own, which is told the script and where to listen.
RUNNERS = {
    "streamlit": "streamlit run {} --server.port ${{PORT:-8501}} --server.address 0.0.0.0",
    "chainlit": "chainlit run {} --host 0.0.0.0 --port ${{PORT:-8000}} --headless",
}
RUNNER_SCRIPTS = ("streamlit_app.py", "Home.py", "chat.py")


def starts(
    tree: Tree,
    framework: str | None,
    project: django.Project | None,
    entry: Entry | None,
    found: Dependencies,
) -> Iterator[Fact]:
    """A server with the application's object, the project's script, a file that is run."""
    if project and (target := django.asgi_target(tree, project, found)):
        chdir = f" --app-dir {shlex.quote(project.folder)}" if project.folder else ""
        command = f"uvicorn {target.value}{chdir} --host 0.0.0.0 --port ${{PORT:-8000}}"
        yield _served(command, target, found)
    if project and (target := django.wsgi_target(tree, project)):
        yield _served(_gunicorn(target.value, project.folder), target, found)
    if entry and framework:
        where = Fact(entry.target, entry.file, entry.line, DERIVED)
        yield _served(_served_by(framework, entry), where, found)
    if framework in RUNNERS and (script := tree.first(*RUNNER_SCRIPTS, *SCRIPTS)):
        yield Fact(RUNNERS[framework].format(shlex.quote(script)), script, None, DERIVED)
    if script := tree.first(*SCRIPTS):
        yield Fact(f"python {script}", script, None, CONVENTION)
    yield from _entry_points(tree)
    if tree.has("__main__.py"):
        yield Fact("python .", "__main__.py", None, CONVENTION)


def releases(
    tree: Tree, project: django.Project | None, entry: Entry | None, found: Dependencies
) -> Iterator[Fact]:
    """The migrations of Django, Flask-Migrate or Alembic, where there are any to run."""
    if project and (where := django.has_databases(tree, project)):
        manage = shlex.quote(f"{project.folder}/manage.py" if project.folder else "manage.py")
        yield Fact(f"python {manage} migrate --noinput", where.file, where.line, DERIVED)
    if entry and (fact := found.get("flask-migrate")) and tree.has("migrations/env.py"):
        target = f"{entry.target}()" if entry.factory else entry.target
        command = f"flask --app {shlex.quote(target)} db upgrade"
        yield Fact(command, fact.file, fact.line, DERIVED)
    elif tree.has("alembic.ini") and "alembic" in found:
        yield Fact("alembic upgrade head", "alembic.ini", None, DERIVED)


def _entry_points(tree: Tree) -> Iterator[Fact]:
    """The one script that the project installs, or the one that says what it is for."""
    document = tree.toml("pyproject.toml")
    for keys in (("project", "scripts"), ("tool", "poetry", "scripts")):
        names = list(table(document, *keys))
        for name in ("start", "serve", *(names if len(names) == 1 else ())):
            if name in names:
                line = tree.line("pyproject.toml", f"{name} =")
                yield Fact(shlex.quote(name), "pyproject.toml", line, GUESSED)


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
