"""Static sites: the folder as it is, served by the Python that every image has."""

from __future__ import annotations

import shlex

from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step


def serve(folder: str) -> str:
    """The command that serves a folder's files."""
    return f"exec python3 -m http.server $PORT --bind 127.0.0.1 --directory {shlex.quote(folder)}"


class StaticBuilder:
    """A folder with an index.html."""

    path: tuple[str, ...] = ()

    def __init__(self, job: Job) -> None:
        self._job = job
        self.release_command = job.stack.release_command
        self.environment: dict[str, str] = {}
        self.processes = {"web": serve("."), **job.stack.processes}

    def steps(self) -> list[Step]:
        """The folder alone."""
        inputs = {"builder": "static", "tree": self._job.tree.digest}
        return [Step("source", inputs, lambda _before: Contents(self._job.copy()))]
