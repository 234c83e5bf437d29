"""Node: `node_modules` as the dependency layer, the build's output in the source layer.

`builder.py` tells the story; `managers.py` has the package managers, `versions.py` says which
version of one, `commands.py` starts without one, `modules.py` makes the dependency layer,
`outputs.py` knows what needs no modules.
"""

from autodeploy.compiler.node.builder import NodeBuilder

__all__ = ["NodeBuilder"]
