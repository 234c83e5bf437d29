"""Secret variables on their way to Ansible: out of the controller's memory, never in a file.

The inventory plugin (inventories/plugins/autodeploy.py) asks at the socket and gives them to every
host of the run. The controller's end is the socket's end.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATH_VARIABLE = "AUTODEPLOY_SECRETS"
"""The environment variable that tells the plugin the socket's path."""
UCRED = struct.Struct("3i")
POLL_SECONDS = 0.05


@contextmanager
def served(variables: Mapping[str, Any], path: Path) -> Iterator[None]:
    """Give the variables, as JSON, to our own user's processes that connect to `path`."""
    with _Server(path, json.dumps(dict(variables)).encode()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            path.unlink(missing_ok=True)


class _Answer(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 10

    def handle(self) -> None:
        self.wfile.write(self.server.answer)


class _Server(socketserver.UnixStreamServer):
    def __init__(self, path: Path, answer: bytes) -> None:
        self.answer = answer
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
        """A peer that went away loses nothing but its answer."""
