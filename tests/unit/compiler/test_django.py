from __future__ import annotations

import pytest

from autodeploy.compiler.django import COLLECT, build_command
from autodeploy.compiler.tree import Tree
from autodeploy.contracts import TechStack

SET = "STATIC_ROOT = BASE_DIR / 'static'\n"


@pytest.mark.parametrize(
    ("files", "more", "expected"),
    [
        ({"manage.py": "", "shop/settings.py": SET}, {}, COLLECT),
        ({"manage.py": "", "shop/settings/production.py": SET}, {}, COLLECT),
        ({"manage.py": "", "shop/settings_prod.py": f"if True:\n    {SET}"}, {}, COLLECT),
        ({"manage.py": "", "shop/settings.py": "# " + SET}, {}, None),
        ({"manage.py": "", "shop/settings.py": "STATIC_ROOT = None\n"}, {}, None),
        ({"manage.py": "", "shop/views.py": SET}, {}, None),
        ({"shop/settings.py": SET}, {}, None),
        ({"manage.py": "", "shop/settings.py": SET}, {"build_command": "make"}, "make"),
        ({"manage.py": "", "shop/settings.py": SET}, {"framework": "flask"}, None),
    ],
)
def test_static_files_are_collected_where_django_is_told_where_to(source, files, more, expected):
    stack = TechStack(**{"language": "python", "framework": "django", **more})
    assert build_command(stack, Tree(source(files))) == expected
