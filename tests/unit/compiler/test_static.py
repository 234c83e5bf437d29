"""Which files are served as they are."""

from __future__ import annotations

import pytest

from autodeploy.compiler.node import NodeBuilder
from autodeploy.compiler.static import StaticBuilder, folders, site
from autodeploy.contracts import Served, TechStack
from autodeploy.errors import BuildError
from autodeploy.settings import Settings


@pytest.mark.parametrize(
    ("framework", "said", "single"),
    [
        ("vite", None, True),
        ("vite", "pages", False),
        ("astro", None, False),
        ("astro", "spa", True),
        (None, None, False),
    ],
)
def test_one_page_or_many(framework, said, single):
    served = site(TechStack(framework=framework), Settings(static=said), "dist/")
    assert served == Served(root="dist", single_page=single)


@pytest.mark.parametrize(
    ("framework", "found", "expected"),
    [
        ("django", {"/static/": "staticfiles"}, {"/static/": "staticfiles"}),
        ("flask", {"/static/": "static/"}, {"/static/": "static"}),
        ("django", {"/": "public"}, {}),
        ("django", {"/static/": "../static"}, {}),
        ("django", {"/sta tic/": "static"}, {}),
        ("django", {'/static"/': "static"}, {}),
        # It may be behind the application's own login.
        ("express", {"/reports/": "reports"}, {}),
        ("fastapi", {"/static/": "static"}, {}),
    ],
)
def test_folders_of_an_application(framework, found, expected):
    stack = TechStack(framework=framework, static_folders=found)
    assert folders(stack, Settings()) == Served(folders=expected)


def test_the_user_names_more():
    stack = TechStack(framework="express", static_folders={"/assets/": "public"})
    said = Settings(static_folders={"/assets/": "public/"})
    assert folders(stack, said) == Served(folders={"/assets/": "public"})


@pytest.mark.parametrize(
    ("config", "folder"),
    [("", ".next/static"), ("output: 'standalone'", ".next/standalone/.next/static")],
)
def test_next_has_a_folder_of_its_own(open_job, config, folder):
    files = {"package.json": "{}", "next.config.js": f"module.exports = {{{config}}}"}
    stack = {"framework": "next", "build_command": "next build"}
    with open_job(files, language="node", processes={"web": "next start"}, **stack) as job:
        assert NodeBuilder(job).served.folders == {"/_next/static/": folder}


def test_a_folder_with_an_index_is_served_whole_and_tells_nothing_of_us(build, source):
    files = {"index.html": "", "Procfile": "", "autodeploy.yml": ""}
    artifact = build(source(files), language="static")
    assert artifact.served == Served(root=".")
    assert artifact.processes == {}
    assert "index.html" in artifact.layers[-1].listing.read_text()
    assert "autodeploy.yml" not in artifact.layers[-1].listing.read_text()


def test_a_process_of_its_own_wins(open_job):
    with open_job({"index.html": ""}, language="static", processes={"web": "serve"}) as job:
        builder = StaticBuilder(job)
    assert builder.served == Served()
    assert builder.processes == {"web": "serve"}


@pytest.mark.parametrize("root", ["dist; }", "a b", "../..", "dist/../..", "d{ist"])
def test_a_folder_that_nginx_cannot_be_told_of_is_refused(root):
    with pytest.raises(BuildError, match="cannot be served"):
        site(TechStack(language="node"), Settings(), root)
