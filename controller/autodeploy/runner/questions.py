"""What a running playbook asks its controller: what it must wait for, and what no file may hold.

The action plugin playbooks/action_plugins/controller.py asks at a socket and gets the answer when
there is one. Secrets go out of the controller's memory this way, never into a file.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autodeploy import stopping
from autodeploy.errors import AutodeployError

PATH_VARIABLE = "AUTODEPLOY_CONTROLLER"
"""The environment variable that tells the plugin the socket's path."""
UCRED = struct.Struct("3i")
POLL_SECONDS = 0.05
LONGEST_QUESTION = 4096

Ask = Callable[[str], Mapping[str, Any]]
"""Gives a host, by its alias, the variables that are the answer; may take long."""


class NoAnswer(Exception):
    """There will be none; the text goes to the playbook."""


@contextmanager
def answered(answers: Mapping[str, Ask], path: Path) -> Iterator[None]:
    """Answer our own user's processes that ask at `path`, each in a thread of its own."""
    with _Server(path, answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink(missing_ok=True)


class _Answer(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        asked = json.loads(self.rfile.readline(LONGEST_QUESTION))
        said: dict[str, Any]
        try:
            stopping.check()
            said = {"answer": dict(self.server.answers[asked["question"]](asked["host"]))}
            stopping.guard()  # It may have taken long.
        except (AutodeployError, NoAnswer) as error:
            said = {"refused": str(error)}
        with suppress(OSError):
            self.wfile.write(json.dumps(said).encode())


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path, answers: Mapping[str, Ask]) -> None:
        self.answers = answers
        super().__init__(str(path), _Answer)

    def server_bind(self) -> None:
        """Nobody can connect before it listens, and by then it is ours alone."""
        super().server_bind()
        Path(str(self.server_address)).chmod(0o600)

    def verify_request(self, request: Any, _client_address: Any) -> bool:
        credentials = request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size)
        _pid, uid, _gid = UCRED.unpack(credentials)
        return bool(uid == os.geteuid())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that went away, or that asks nonsense, loses nothing but its answer."""
