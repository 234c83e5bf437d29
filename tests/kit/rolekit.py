"""Roles' plugins as modules that tests can import."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import ansible.module_utils

ROLES = Path(__file__).parents[2] / "roles"
ansible.module_utils.__path__.extend(str(one) for one in sorted(ROLES.glob("*/module_utils")))


def together(*names: str) -> SimpleNamespace:
    """What several files of roles' define, in one."""
    found = {}
    for name in names:
        found.update(vars(load(name)))
    return SimpleNamespace(**found)


def load(name: str) -> ModuleType:
    """A file of a role's, such as `service/module_utils/service_units.py`."""
    path = ROLES / name
    name = f"role_{path.parent.parent.name}_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
