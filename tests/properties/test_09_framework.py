"""Property 9: the framework is a function of the dependencies, not of their order or form."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Source
from autodeploy.recon import detect

pytestmark = pytest.mark.property

# Of several the first is the application's, as docs/detection.md has it.
PYTHON = {
    "django": "django",
    "python-fasthtml": "fasthtml",
    "fastapi": "fastapi",
    "flask": "flask",
    "starlette": "starlette",
}
PYTHON_DECOYS = (
    *("fastapi-ipware", "flask-cors", "django-environ", "djangorestframework", "requests"),
    *("starlette-context", "Flask-SQLAlchemy", "pytest-django", "types-flask", "gunicorn"),
)
NODE = {
    "next": "next",
    "nuxt": "nuxt",
    "@sveltejs/kit": "sveltekit",
    "@nestjs/core": "nestjs",
    "astro": "astro",
    "express": "express",
    "fastify": "fastify",
    "react-scripts": "create-react-app",
    "vite": "vite",
}
NODE_SERVERS = ("express", "fastify")
NODE_DECOYS = (
    *("express-session", "@types/express", "next-themes", "fastify-plugin", "vite-node", "react"),
    *("eslint-config-next", "vitest", "koa-router", "@fastify/cors"),
)
GO = {
    "github.com/gin-gonic/gin": "gin",
    "github.com/labstack/echo/v4": "echo",
    "github.com/gofiber/fiber/v2": "fiber",
    "github.com/go-chi/chi/v5": "chi",
    "github.com/gorilla/mux": "gorilla-mux",
}
GO_DECOYS = (
    "github.com/gin-contrib/cors",
    "github.com/gorilla/sessions",
    "github.com/labstack/gommon",
)


def expected(names, table):
    return next((name for package, name in table.items() if package in names), None)


def pick(table, decoys):
    return st.lists(st.sampled_from([*table, *decoys]), unique=True, max_size=8)


@st.composite
def spelled(draw, name):
    """A name as people write it: case and separators are the same name."""
    letters = [draw(st.sampled_from([one.lower(), one.upper()])) for one in name]
    separator = draw(st.sampled_from(["-", "_", "."]))
    return "".join(letters).replace("-", separator)


@st.composite
def python_files(draw):
    names = draw(pick(PYTHON, PYTHON_DECOYS))
    written = [draw(spelled(name)) for name in names]
    version = st.sampled_from(["", "==1.2", ">=1,<3", "~=2.0", "[standard]", "[a,b]>=1"])
    lines = [f"{name}{draw(version)}" for name in written]
    form = draw(st.sampled_from(["requirements", "included", "project", "poetry", "pipfile"]))
    if form in ("requirements", "included"):
        tail = ["", "  # django flask", " ; python_version > '3'", " --hash=sha256:ab"]
        text = "# flask\n\n" + "\n".join(f"  {line}{draw(st.sampled_from(tail))}" for line in lines)
        ends = draw(st.sampled_from(["\n", "\r\n"]))
        text = text.replace("\n", ends) + ends
        if form == "requirements":
            return names, {"requirements.txt": text}
        return names, {"requirements.txt": "-r deps/all.txt\n", "deps/all.txt": text}
    if form == "project":
        return names, {
            "pyproject.toml": f'[project]\nname = "x"\ndependencies = {json.dumps(lines)}\n'
        }
    table = "".join(f'"{name}" = "*"\n' for name in written)
    if form == "poetry":
        return names, {"pyproject.toml": f'[tool.poetry.dependencies]\npython = "^3.9"\n{table}'}
    return names, {"Pipfile": f'[dev-packages]\ndjango = "*"\n[packages]\n{table}'}


@given(python_files())
def test_python(case):
    names, files = case
    assert framework(files, "python") == expected(names, PYTHON)


@given(names=pick(NODE, NODE_DECOYS), data=st.data())
def test_node(names, data):
    development = data.draw(st.lists(st.sampled_from(names), unique=True) if names else st.just([]))
    runtime = [name for name in names if name not in development]
    document = {
        "name": data.draw(st.sampled_from(["x", "express", "next"])),
        "devDependencies": dict.fromkeys(development, "1"),
        "dependencies": dict.fromkeys(runtime, "^1.0"),
        "keywords": ["express", "vite"],
    }
    text = json.dumps(document, indent=data.draw(st.sampled_from([None, 2, "\t"])))
    counted = [name for name in names if name in runtime or name not in NODE_SERVERS]
    assert framework({"package.json": text}, "node") == expected(counted, NODE)


@given(names=pick(GO, GO_DECOYS), data=st.data())
def test_go(names, data):
    indirect = data.draw(st.lists(st.sampled_from(names), unique=True) if names else st.just([]))
    lines = [f"{name} v1.0.0" + (" // indirect" if name in indirect else "") for name in names]
    if data.draw(st.booleans()):
        body = "\n".join(f"require {line}" for line in lines)
    else:
        body = "require (\n" + "".join(f"\t{line}\n" for line in lines) + ")"
    text = f"module example.org/gin\n\ngo 1.22\n// require github.com/gin-gonic/gin\n{body}\n"
    direct = [name for name in names if name not in indirect]
    assert framework({"go.mod": text}, "go") == expected(direct, GO)


def framework(files, language):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        stack = detect(Source(url="x", checkout=Path(folder), commit=None, name="x"))
    assert stack.language == language
    return stack.framework
