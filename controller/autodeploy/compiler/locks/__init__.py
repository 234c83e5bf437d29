"""What Poetry's, PDM's and Pipenv's lock files say, as requirements that uv installs.

One file a tool. Each gives every package with its version and its hashes, so that nothing is left
to resolve: what the lock does not name is not installed, and what was tampered with is refused.
"""

from autodeploy.compiler.locks.lines import Locked, registries
from autodeploy.compiler.locks.pdm import pdm
from autodeploy.compiler.locks.pipenv import pipenv
from autodeploy.compiler.locks.poetry import poetry
from autodeploy.compiler.locks.walk import environment

__all__ = ["Locked", "environment", "pdm", "pipenv", "poetry", "registries"]
