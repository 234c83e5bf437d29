from __future__ import annotations

import pytest

from autodeploy.compiler.tree import Tree, inside
from autodeploy.errors import BuildError


def test_ignore_rules_of_a_folder_that_is_no_checkout(source):
    files = {
        ".gitignore": "*.log\n!kept.log\n/dist/\n",
        "app.py": "",
        "a.log": "",
        "kept.log": "",
        "dist/x": "",
        "sub/dist/x": "",
        "sub/.gitignore": "*.tmp\n!*.log\n",
        "sub/b.log": "",
        "sub/c.tmp": "",
        "node_modules/m/index.js": "",
        "sub/__pycache__/x.pyc": "",
        "env/pyvenv.cfg": "",
        "env/bin/python": "",
        "secret.pem": "",
        ".autodeployignore": "*.pem\n",
        "ours": "",
    }
    tree = Tree(source(files, commit=None, ignored=("ours",)))
    expected = [".gitignore", "app.py", "kept.log", "sub/.gitignore", "sub/b.log", "sub/dist/x"]
    assert list(tree.paths) == expected


def test_what_is_committed_is_meant(source):
    tree = Tree(source({".gitignore": "*.log\n", "a.log": ""}))
    assert "a.log" in tree.names


def test_a_link_out_of_the_repository_is_not_read(source, tmp_path):
    (tmp_path / "secret").write_text("s3cret")
    one = source({"app.py": ""})
    (one.checkout / "requirements.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(BuildError):
        Tree(one).read("requirements.txt")


def test_a_link_inside_is_read(source):
    one = source({"deps/requirements.txt": "flask\n"})
    (one.checkout / "requirements.txt").symlink_to("deps/requirements.txt")
    assert Tree(one).read("requirements.txt") == "flask\n"


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("a", "b", True),
        ("a/b", "../c", True),
        ("a/b", "../../c", False),
        ("a", "..", False),
        ("a", "/etc/passwd", False),
        ("a/b/c", "../../x/../y", True),
        ("a/b", "../x/../../y", False),
    ],
)
def test_inside(path, target, expected):
    assert inside(path, target) is expected
