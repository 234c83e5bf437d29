"""A Django project, read by parsing manage.py and its settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autodeploy.recon.databases import by_scheme
from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.python.dependencies import Dependencies
from autodeploy.recon.tree import Tree

ENGINES = {
    "django.db.backends.postgresql": "postgresql",
    "django.db.backends.postgresql_psycopg2": "postgresql",
    "django.contrib.gis.db.backends.postgis": "postgresql",
    "django.db.backends.mysql": "mysql",
    "django.contrib.gis.db.backends.mysql": "mysql",
    "django.core.cache.backends.redis.RedisCache": "redis",
    "django_redis.cache.RedisCache": "redis",
    "channels_redis.core.RedisChannelLayer": "redis",
    "djongo": "mongodb",
    "django_mongodb_backend": "mongodb",
}
MAX_PARTS = 10


@dataclass(frozen=True)
class Project:
    """A Django project.

    Attributes:
        folder: Of manage.py, relative to the root; empty for the root.
        settings: The files of its settings, the one named by manage.py first.
    """

    folder: str
    settings: tuple[str, ...]


def find_project(tree: Tree) -> Project | None:
    """The project of the root, or of the one folder below it that has a manage.py."""
    below = [name for name in tree.folders() if tree.has(f"{name}/manage.py")]
    places = [""] if tree.has("manage.py") else below
    if len(places) != 1:
        return None
    folder = places[0]
    module = _settings_module(tree, _under(folder, "manage.py"))
    return Project(folder, _settings_files(tree, folder, module)) if module else None


def wsgi_target(tree: Tree, project: Project) -> Fact | None:
    """`package.wsgi:application`, from WSGI_APPLICATION or the file beside the settings."""
    for path in project.settings:
        for name, value, line in assignments(tree, path):
            if name == "WSGI_APPLICATION" and isinstance(value, ast.Constant):
                target = ":".join(str(value.value).rsplit(".", 1))
                if _module_file(tree, project.folder, target.split(":", 1)[0]):
                    return Fact(target, path, line, DERIVED)
    for package in dict.fromkeys(_packages(project)):
        path = _under(project.folder, f"{package}/wsgi.py")
        if tree.has(path):
            return Fact(f"{package.replace('/', '.')}.wsgi:application", path, None, DERIVED)
    return None


def asgi_target(tree: Tree, project: Project, found: Dependencies) -> Fact | None:
    """`package.asgi:application`, where the project depends on what only ASGI can do."""
    if not any(name in found for name in ("channels", "daphne")):
        return None
    for package in dict.fromkeys(_packages(project)):
        path = _under(project.folder, f"{package}/asgi.py")
        if tree.has(path):
            return Fact(f"{package.replace('/', '.')}.asgi:application", path, None, DERIVED)
    return None


def has_databases(tree: Tree, project: Project) -> Fact | None:
    """Where DATABASES is set: then migrations can run."""
    for path in project.settings:
        for name, _value, line in assignments(tree, path):
            if name == "DATABASES":
                return Fact("DATABASES", path, line)
    return None


def databases(tree: Tree, project: Project) -> Iterator[Fact]:
    """The servers that the settings name, by engine or by the scheme of a URL."""
    for path in project.settings:
        for _name, value, _line in assignments(tree, path):
            for node in ast.walk(value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    kind = ENGINES.get(node.value) or by_scheme(node.value)
                    if kind:
                        yield Fact(kind, path, node.lineno, DERIVED)


def _settings_module(tree: Tree, path: str) -> str | None:
    for node in tree.nodes(path):
        if isinstance(node, ast.Call) and len(node.args) >= 2:
            name, value = node.args[0], node.args[1]
            if isinstance(name, ast.Constant) and name.value == "DJANGO_SETTINGS_MODULE":
                return str(value.value) if isinstance(value, ast.Constant) else None
    return None


def _settings_files(tree: Tree, folder: str, module: str) -> tuple[str, ...]:
    """The module's file and, where the settings are a package, the files beside it."""
    named = _module_file(tree, folder, module)
    if named is None:
        return ()
    place = named.rpartition("/")[0]
    if not place.endswith("settings"):
        return (named,)
    beside = [f"{place}/{name}" for name in tree.files(place) if name.endswith(".py")]
    wanted = [path for path in beside if path != named and _for_production(path)]
    return (named, *wanted[:MAX_PARTS])


def _for_production(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return not name.startswith(("test", "ci", "local", "dev"))


def _module_file(tree: Tree, folder: str, module: str) -> str | None:
    path = _under(folder, module.replace(".", "/"))
    return tree.first(f"{path}.py", f"{path}/__init__.py")


def _packages(project: Project) -> Iterator[str]:
    """Packages that the settings are in, the nearest first, relative to manage.py."""
    for path in project.settings:
        relative = path.removeprefix(f"{project.folder}/" if project.folder else "")
        while "/" in relative:
            relative = relative.rpartition("/")[0]
            yield relative


def assignments(tree: Tree, path: str) -> Iterator[tuple[str, ast.expr, int]]:
    """The names that a file assigns, with the values and their lines; `X["y"] = ...` assigns X."""
    for node in tree.nodes(path):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                while isinstance(target, ast.Subscript):
                    target = target.value
                if isinstance(target, ast.Name):
                    yield target.id, node.value, node.lineno
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value, node.lineno


def _under(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
