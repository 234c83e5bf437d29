"""The Compiler: from source to artifact.

`build.py` tells the story. One file an ecosystem (`python.py`, `node.py`, `go.py`, `static.py`);
`runtime.py` decides what runs it on the hosts; `tools.py` chooses the build tool, `toolchains/` has
it, `layers.py` keeps what was made.
"""

from autodeploy.compiler.build import build, build_on_host, refuse
from autodeploy.compiler.image import fitting_image
from autodeploy.compiler.order import Order
from autodeploy.compiler.runtime import choose, runtime
from autodeploy.compiler.shell import stop

__all__ = [
    "Order",
    "build",
    "build_on_host",
    "choose",
    "fitting_image",
    "refuse",
    "runtime",
    "stop",
]
