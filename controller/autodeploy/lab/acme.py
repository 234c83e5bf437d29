"""An ACME authority that everybody trusts, as Let's Encrypt is: Pebble."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from ipaddress import IPv4Address

from autodeploy.errors import LabBroken
from autodeploy.lab import netns, trust
from autodeploy.lab.authority import Authority
from autodeploy.lab.cgroups import Cgroup
from autodeploy.lab.site import Site
from autodeploy.paths import private_folder

NAME = "acme.lab.internal"
DIRECTORY = f"https://{NAME}/dir"
PORT, MANAGEMENT_PORT = 443, 15000
START_SECONDS = 20
LIFETIME = 90 * 24 * 3600
"""Seconds that a certificate lives, as Let's Encrypt's do."""
NEVER = ("PEBBLE_VA_ALWAYS_VALID", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


class Acme:
    """Pebble on an address in a namespace; its root is another one with each start."""

    def __init__(self, site: Site, namespace: str, address: IPv4Address) -> None:
        self._site = site
        self._namespace = namespace
        self._address = address
        self._process: subprocess.Popen[bytes] | None = None
        self._root = ""
        self._lock = threading.Lock()

    def ensure(self) -> None:
        """Start it where it does not run; return when it answers.

        Raises:
            LabBroken: It does not start.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
                self._wait(self._process)
                self._root = self._ask_for_root()
                trust.bundle(self._site, self._root)

    def root(self) -> str:
        """The root of the certificates that it issues, as PEM.

        Raises:
            LabBroken: It does not start.
        """
        self.ensure()
        return self._root

    def _ask_for_root(self) -> str:
        trusting = ssl.create_default_context(cafile=str(Authority.of(self._site).root))
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        )
        url = f"https://{self._address}:{MANAGEMENT_PORT}/roots/0"
        with direct.open(url, timeout=START_SECONDS) as answer:
            pem: bytes = answer.read()
        return pem.decode()

    def _start(self) -> subprocess.Popen[bytes]:
        folder = private_folder(self._site.acme)
        pair = Authority.of(self._site).issue([NAME, str(self._address)])
        (folder / "server.pem").write_text(pair.certificate)
        (folder / "server.key").touch(mode=0o600)
        (folder / "server.key").write_text(pair.key)
        (folder / "pebble.json").write_text(json.dumps({"pebble": self._settings()}))
        command = ("pebble", "-strict", "-config", str(folder / "pebble.json"))
        resolver = ("-dnsserver", f"{self._address}:53")
        inside = netns.enter(self._namespace, *command, *resolver)
        # Validation needs no nap between tries; a test may wish to have one.
        environ = {"PEBBLE_VA_NOSLEEP": "1", **os.environ}
        with (folder / "pebble.log").open("ab") as log:
            return subprocess.Popen(
                Cgroup(self._site.cgroup, "acme").start(inside),
                env={key: value for key, value in environ.items() if key not in NEVER},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _settings(self) -> dict[str, object]:
        return {
            "listenAddress": f"{self._address}:{PORT}",
            "managementListenAddress": f"{self._address}:{MANAGEMENT_PORT}",
            "certificate": str(self._site.acme / "server.pem"),
            "privateKey": str(self._site.acme / "server.key"),
            "httpPort": 80,
            "tlsPort": 443,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": False,
            "certificateValidityPeriod": LIFETIME,
        }

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                for port in (PORT, MANAGEMENT_PORT):
                    socket.create_connection((str(self._address), port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        process.kill()
        said = (self._site.acme / "pebble.log").read_text(errors="replace")[-2000:]
        raise LabBroken("Pebble does not run", cause=said)
