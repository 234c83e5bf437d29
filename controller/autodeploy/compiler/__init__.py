"""The Compiler: from source to artifact.

`build.py` tells the story. One file an ecosystem (`python.py`, `node.py`, `go.py`, `static.py`);
`tools.py` chooses the tool, `toolchain.py` has it, `layers.py` keeps what was made.
"""

from autodeploy.compiler.build import build, build_on_host, refuse
from autodeploy.compiler.shell import stop

__all__ = ["build", "build_on_host", "refuse", "stop"]
