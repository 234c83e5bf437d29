"""A small web application for the scenarios of the roles, on 127.0.0.1:$PORT."""

import hashlib
import json
import os
import pwd
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HELD, GO = Path("../../shared/held"), Path("../../shared/go")


class Handler(BaseHTTPRequestHandler):
    """Says who it is; /held makes HELD and answers once GO is there, /unhealthy answers badly."""

    def do_GET(self):
        """An upgrade, a wait, or who it is."""
        if self.headers.get("Upgrade") == "echo":
            self.echo()
            return
        if self.path == "/held":
            HELD.touch()
            while not GO.exists():
                time.sleep(0.05)
        self.answer(503 if self.path == "/unhealthy" else 200)

    def do_POST(self):
        """Who it is, and the digest of what was sent."""
        self.answer(200, self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status, body=b""):
        """Who it is, and what of the request arrived."""
        said = {
            "release": Path.cwd().name,
            "pid": os.getpid(),
            "user": pwd.getpwuid(os.getuid()).pw_name,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def echo(self):
        """What websockets begin with: the connection is another protocol's from now on."""
        self.send_response(101)
        self.send_header("Upgrade", "echo")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        self.wfile.write(self.rfile.readline())
        self.close_connection = True

    def log_message(self, *_words):
        """Nothing: the journal is not what is looked at."""


ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
