"""The hosts' images, and what they bring along."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """A distribution as the hosts run it: x86-64, glibc, its own packages."""

    name: str
    glibc: tuple[int, int]
    python: str
    node: str

    def version(self, language: str | None) -> str | None:
        """The version of the language's runtime; None where the host needs none."""
        return {"python": self.python, "node": self.node}.get(language or "")


IMAGES = {
    "debian-12": Image("debian-12", (2, 36), python="3.11.2", node="18.20.4"),
    "debian-13": Image("debian-13", (2, 41), python="3.13.5", node="20.19.2"),
}
PROCESSORS = {"amd64": "x86_64", "arm64": "aarch64"}
"""A processor as the kernel calls it, by the name that Debian has for it."""
