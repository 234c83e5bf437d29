from __future__ import annotations

from autodeploy.compiler import requirements
from autodeploy.compiler.tree import Tree


def test_included_files_relative_to_their_own_and_never_twice(source):
    files = {
        "requirements/prod.txt": "-r base.txt\n-c ../limits.txt\n-r ../../outside.txt\ngunicorn\n",
        "requirements/base.txt": "flask\n-r prod.txt\n",
        "limits.txt": "flask<4\n",
    }
    found = requirements.files(Tree(source(files)), "requirements/prod.txt")
    assert found == files


def test_the_project_itself_and_editable_paths():
    text = "-e .\n.[web]  # us\n-e ./libs/a\n-e libs/b\n--editable=../c\nflask==3\n# -e .\n"
    assert requirements.wants_project({"x": text})
    assert requirements.shippable(text).splitlines() == [
        "./libs/a",
        "libs/b",
        "../c",
        "flask==3",
        "# -e .",
    ]


def test_names_are_normalised():
    text = "Flask_SQLAlchemy==3\nzope.interface>=5 ; python_version>'3'\n-r x\n# no\n--hash=1\n"
    assert requirements.named([text]) == {"flask-sqlalchemy", "zope-interface"}
