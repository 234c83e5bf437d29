"""The tools of each language: this machine's where they are the version asked for, else fetched.

`store.py` keeps what was fetched; one file an ecosystem.
"""

from autodeploy.compiler.toolchains.go import go
from autodeploy.compiler.toolchains.node import NodeBuilds, node, portable
from autodeploy.compiler.toolchains.npm import npm_package
from autodeploy.compiler.toolchains.pypi import uv
from autodeploy.compiler.toolchains.python import PythonBuilds
from autodeploy.compiler.toolchains.store import Store, Toolchain

__all__ = [
    "NodeBuilds",
    "PythonBuilds",
    "Store",
    "Toolchain",
    "go",
    "node",
    "npm_package",
    "portable",
    "uv",
]
