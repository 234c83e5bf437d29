"""The page of maintenance: whose page it is, and, by a real nginx, who meets it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingUnixStreamServer

import pytest
from jinja2 import StrictUndefined, Template

from labkit import until
from rolekit import together
from test_proxy import FILES, PROCESS, SITE

nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
PAGE = "<h1>Back soon: ü</h1>\n"


@pytest.fixture(scope="module")
def module():
    return together("proxy/module_utils/proxy_files.py", "proxy/module_utils/proxy_maintenance.py")


def test_the_release_s_own_page_is_shown_where_it_is_a_file(module, tmp_path):
    release = tmp_path / "shop/releases/1"
    release.mkdir(parents=True)
    (tmp_path / "shop/current").symlink_to(release)
    page = release / "maintenance.html"
    assert module.own_page("shop", str(tmp_path)) is None
    page.write_text(PAGE)
    assert module.own_page("shop", str(tmp_path)) == PAGE


def test_it_is_another_s_once_that_has_the_traffic(module, tmp_path):
    home = tmp_path / "shop"
    home.mkdir()
    page = home / "maintenance.html"
    assert [module.show("shop", PAGE, str(tmp_path)) for _ in range(2)] == [True, False]
    assert page.read_text() == PAGE
    (home / "current").mkdir()
    (home / "current/maintenance.html").write_text("ours")
    assert module.show("shop", PAGE, str(tmp_path))
    assert page.read_text() == "ours"


@pytest.mark.parametrize("how", ["link", "hard link", "pipe", "folder", "large"])
def test_what_a_release_calls_so_is_no_way_to_what_only_root_reads(module, tmp_path, how):
    current = tmp_path / "shop/current"
    current.mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    page = current / "maintenance.html"
    {
        "link": lambda: page.symlink_to(tmp_path / "secret"),
        "hard link": lambda: page.hardlink_to(tmp_path / "secret"),
        "pipe": lambda: os.mkfifo(page),
        "folder": page.mkdir,
        "large": lambda: page.write_bytes(b" " * (module.LONGEST + 1)),
    }[how]()
    assert module.own_page("shop", str(tmp_path)) is None


@pytest.mark.parametrize(
    ("site", "said"),
    [(None, "no site"), ("server {}", "deploy once"), ("if (-f /srv/shop/maintenance.html)", None)],
)
def test_it_is_refused_where_no_visitor_would_meet_it(module, tmp_path, site, said):
    if site:
        (tmp_path / "shop").write_text(site)
    found = module.problem("shop", sites=str(tmp_path))
    assert found is None if said is None else said in found


class Application(BaseHTTPRequestHandler):
    """Answers with what it is; keeps a request that is to wait until it is let go."""

    arrived, go = threading.Event(), threading.Event()

    def do_GET(self):
        if self.path == "/held":
            self.arrived.set()
            self.go.wait(30)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"app")

    do_POST = do_GET  # noqa: N815

    def address_string(self):
        return "nginx"

    def log_message(self, *words):
        pass


class Front:
    """nginx before one application."""

    def __init__(self, home, port):
        self.page, self._port = home / "maintenance.html", port

    def show(self):
        partial = self.page.with_name(".partial")
        partial.write_text(PAGE)
        partial.replace(self.page)

    def ask(self, path="/", method="GET", agent="Mozilla/5.0", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(method, path, body, {"User-Agent": agent})
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), answer.headers
        connection.close()
        return found

    def meets(self, **how):
        return self.ask(**how)[:2]


def configured(folder, variables):
    """What nginx needs to serve the site of these variables: its home, and the TCP port."""
    home = folder / "shop"
    challenges = home / "releases/r1/.well-known/acme-challenge"
    challenges.mkdir(parents=True)
    for one in (home / "releases/r1/index.html", challenges / "x"):
        one.write_text("app")
    (home / "current").symlink_to(home / "releases/r1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = Template(SITE, undefined=StrictUndefined, trim_blocks=True).render(variables)
    site = re.sub(r"listen 80 .*", f"listen 127.0.0.1:{port};", site).replace(
        "/srv/shop", str(home)
    )
    site = re.sub(r"listen \[::\].*", "", site)
    temporary = " ".join(
        f"{one}_temp_path {folder}/{one};"
        for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    upgrade = 'map $http_upgrade $connection_upgrade { default upgrade; "" close; }'
    types = "types { text/html html; }"
    (folder / "nginx.conf").write_text(
        f"user root; daemon off; pid {folder}/pid; error_log {folder}/error;\n"
        f"events {{}}\nhttp {{ access_log off; {types} {temporary} {upgrade}\n{site}\n}}\n"
    )
    return home, port


@pytest.fixture(params=["process", "files"])
def front(request, tmp_path):
    variables = PROCESS if request.param == "process" else {**FILES, "proxy_root": "."}
    home, port = configured(tmp_path, variables)
    with (
        ThreadingUnixStreamServer(str(home / "current.sock"), Application) as server,
        subprocess.Popen(["nginx", "-e", tmp_path / "error", "-c", tmp_path / "nginx.conf"]) as run,
    ):
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = Front(home, port)
        try:
            until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            yield found
        finally:
            run.terminate()
            server.shutdown()


@nginx
def test_visitors_meet_the_page_and_checks_the_release(front):
    assert front.meets() == (200, "app")
    front.show()
    for how in ({}, {"method": "POST", "body": "x" * 100_000}, {"path": "/no/such?x=1"}):
        status, text, headers = front.ask(**how)
        assert (status, text) == (503, PAGE), how
        assert headers["Retry-After"] == "300"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert front.meets(method="HEAD") == (503, "")
    for agent in ("autodeploy", "autodeploy-health", "ELB-HealthChecker/2.0"):
        assert front.meets(agent=agent) == (200, "app")
    assert front.meets(path="/.well-known/autodeploy") == (200, "r1\n")
    assert front.meets(path="/.well-known/acme-challenge/x") == (200, "app")
    assert front.ask(path="/.autodeploy/maintenance.html")[0] in {404, 503}
    front.page.unlink()
    assert front.meets() == (200, "app")


@nginx
def test_no_request_is_lost_at_the_switch(front):
    """Each is answered by the application or by the page, and with its own status."""
    over = threading.Event()

    def visitor(_):
        seen = set()
        while not over.is_set():
            seen.add(front.meets())
        return seen

    with ThreadPoolExecutor(4) as visitors:
        found = visitors.map(visitor, range(4))
        for _ in range(20):
            front.show()
            until(lambda: front.meets() == (503, PAGE))
            front.page.unlink()
            until(lambda: front.meets() == (200, "app"))
        over.set()
        assert set().union(*found) == {(200, "app"), (503, PAGE)}


@nginx
@pytest.mark.parametrize("front", ["process"], indirect=True)
def test_what_is_under_way_is_answered_by_the_application(front):
    Application.arrived.clear()
    Application.go.clear()
    with ThreadPoolExecutor(1) as held:
        waiting = held.submit(front.meets, path="/held")
        assert Application.arrived.wait(30)
        front.show()
        assert front.meets() == (503, PAGE)
        Application.go.set()
        assert waiting.result(30) == (200, "app")
