"""Roles' plugins as modules that tests can import."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

import rolekit


@pytest.fixture(scope="session")
def plugin() -> Callable[[str], ModuleType]:
    """Loads a file of a role's, `service/module_utils/service_units.py`."""
    return rolekit.load
