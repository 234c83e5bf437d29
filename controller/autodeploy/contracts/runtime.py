"""The language's runtime on the hosts: the distribution's own, or one that is brought along."""

from __future__ import annotations

from autodeploy.contracts.base import Contract
from autodeploy.contracts.layer import Layer

SYSTEM = "/usr"
BROUGHT = "/usr/local/lib/autodeploy/runtimes"
LINE = {"python": 2, "node": 1}


class Runtime(Contract):
    """What runs an application's processes.

    Attributes:
        language: The application's language.
        version: The whole version; None where the host needs no runtime.
        folder: Where its `bin/` is on the host.
        layer: The archive to unpack as that folder; None for the distribution's.
    """

    language: str | None = None
    version: str | None = None
    folder: str = SYSTEM
    layer: Layer | None = None

    @property
    def line(self) -> str:
        """What programs are built for: `3.11` of Python 3.11.2, `18` of Node 18.20.4."""
        numbers = (self.version or "").split(".")
        return ".".join(numbers[: LINE.get(self.language or "", 0)])

    @property
    def required(self) -> str | None:
        """What the host must have: of the distribution's a line, for its patches move."""
        return self.version if self.layer else self.line or None

    @property
    def bin(self) -> str:
        """The folder of its programs on the host."""
        return f"{self.folder}/bin"


def brought(language: str, version: str, layer: Layer) -> Runtime:
    """A runtime that is unpacked on the host, in a folder of its own beside others."""
    folder = f"{BROUGHT}/{language}-{version}-{layer.content[:12]}"
    return Runtime(language=language, version=version, folder=folder, layer=layer)
