"""Every kind of application: files alone, workers alone, TCP, and connections that last."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from kindkit import Line, Upgraded, answer, asking, post
from labkit import until
from roadkit import ROOT, autodeploy, deploy, on_host

pytestmark = pytest.mark.lab

IMMUTABLE = "public, max-age=31536000, immutable"
LIVE = """\
import http.server, os, pathlib, socketserver, time

WORD = os.environ["WORD"]
GO = pathlib.Path("../../shared/go")

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade"):
            return self.lines()
        while self.path == "/long" and not GO.exists():
            time.sleep(0.1)
        self.reply(200)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(200)

    def reply(self, status):
        body = f"{WORD} {self.path}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def lines(self):
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "lines")
        self.end_headers()
        for line in self.rfile:
            self.wfile.write(f"{WORD}: ".encode() + line)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def application(lab, tmp_path):
    """Makes an application's folder of files by name; it is gone from the lab at the end."""
    made = []

    def one(name, files):
        folder = tmp_path / name
        made.append(name)
        write(folder, files)
        return folder

    yield one
    for name in made:
        autodeploy("destroy", name, "--yes")


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def exposure(name):
    """What systemd says of how exposed each of a release's own units is."""
    listed = on_host(name, f"systemctl list-units --plain --no-legend '{name}-*.service'").stdout
    units = [line.split()[0] for line in listed.splitlines() if "-drain." not in line]
    said = on_host(name, f"systemd-analyze security --no-pager {' '.join(units)}").stdout
    found = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert len(found) == len(units) > 0
    return [float(one) for one in found]


def page(script):
    return f"<!doctype html><script src=/assets/{script}></script>"


def test_files_alone(application):
    one, other = "app-1a2b3c4d.js", "app-5e6f7a8b.js"
    folder = application("files-alone", {"index.html": page(one), f"assets/{one}": "one"})
    write(folder, {"about.html": "about", "404.html": "not here", ".env": "secret"})
    first = deploy(folder)
    url = first["url"]
    units = on_host("files-alone", "systemctl list-unit-files 'files-alone-*'").stdout
    assert "0 unit files listed" in units
    status, headers, body = answer(url, "/")
    assert (status, body) == (200, page(one))
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert answer(url, "/", **{"If-None-Match": headers["etag"]})[0] == 304
    assert answer(url, "/about")[2] == "about"
    assert answer(url, f"/assets/{one}")[1]["cache-control"] == IMMUTABLE
    for path in ("/deep/route", "/.env", "/autodeploy.yml", "/assets/"):
        assert answer(url, path)[0::2] == (404, "not here"), path

    # One page, of the very same size, with another script.
    (folder / "about.html").unlink()
    (folder / f"assets/{one}").unlink()
    write(folder, {"index.html": page(other), f"assets/{other}": "two"})
    write(folder, {"autodeploy.yml": "static: spa\n"})
    with asking(lambda: answer(url, "/")[0]) as seen:
        second = deploy(folder)
    assert set(seen) == {200}
    assert answer(url, "/", **{"If-None-Match": headers["etag"]})[0::2] == (200, page(other))
    assert answer(url, "/deep/route")[0::2] == (200, page(other))
    assert answer(url, "/about.html")[0] == 404
    assert answer(url, f"/assets/{one}")[0::2] == (200, "one")

    (folder / "index.html").rename(folder / "start.html")
    (folder / "Staticfile").touch()
    refused = deploy(folder, code=1)
    assert "no file for /" in refused["error"]["cause"]
    assert answer(url, "/.well-known/autodeploy")[2].strip() == second["release"]

    # A process takes over, and gives way again.
    (folder / "start.html").rename(folder / "index.html")
    serve = "web: python3 -m http.server $PORT --bind 127.0.0.1\n"
    for procfile in (serve, ""):
        write(folder, {"Procfile": procfile})
        with asking(lambda: answer(url, "/")[0]) as seen:
            deploy(folder)
        assert set(seen) == {200}
        assert (answer(url, "/deep/route")[0] == 200) is (procfile == "")


def test_a_worker_alone(application):
    name = "worker-alone"
    folder = application(name, {})
    shutil.copytree(ROOT / "examples/worker-ticks", folder, dirs_exist_ok=True)
    write(folder, {"autodeploy.yml": "memory: 64M\n"})
    first = deploy(folder)
    assert first["url"] is None
    journal = f"sudo journalctl --output=cat --unit='{name}-worker-*'"
    until(lambda: "tick 3" in on_host(name, journal).stdout)
    unit = f"{name}-worker-{first['release']}.service"
    assert "67108864" in on_host(name, f"systemctl show --property=MemoryMax {unit}").stdout
    assert on_host(name, "ls /etc/nginx/sites-enabled").stdout == ""
    assert "80" not in on_host(name, "sudo ufw status").stdout
    assert deploy(folder)["changed"] is False

    write(folder, {"autodeploy.yml": 'env: {WORD: "tock"}\nrestart: always\n'})
    second = deploy(folder)
    until(lambda: "tock 1" in on_host(name, journal).stdout)
    until(lambda: "stopped in order" in on_host(name, journal).stdout)

    write(folder, {"Procfile": "worker: python -c 'raise SystemExit(3)'\n"})
    failed = deploy(folder, code=1)
    assert "exit status 3" in failed["error"]["cause"]
    active = on_host(name, f"systemctl is-active {name}-worker-{second['release']}").stdout
    assert active.strip() == "active"
    assert on_host(name, f"readlink /srv/{name}/current").stdout.strip().endswith(second["release"])
    assert max(exposure(name)) <= 1.5


def test_tcp(application):
    folder = application("tcp-alone", {})
    shutil.copytree(ROOT / "examples/tcp-echo", folder, dirs_exist_ok=True)
    settings = (folder / "autodeploy.yml").read_text()
    url = deploy(folder)["url"]
    kept = Line(url)
    assert kept.say("hello") == "echo: hello"
    assert "80/tcp" not in on_host("tcp-alone", "sudo ufw status").stdout
    assert deploy(folder)["changed"] is False

    def once():
        line = Line(url)
        try:
            return line.say("x")
        finally:
            line.close()

    write(folder, {"autodeploy.yml": f'{settings}env: {{WORD: "other"}}\n'})
    with asking(once) as seen:
        deploy(folder)
        assert kept.say("still") == "echo: still"
        until(lambda: seen[-1] == "other: x")
    assert set(seen) == {"echo: x", "other: x"}
    kept.close()

    write(
        folder, {"autodeploy.yml": f"{settings}start_command: /bin/sleep 1000\nhealth_timeout: 5\n"}
    )
    assert "listen" in deploy(folder, code=1)["error"]["cause"]
    assert once() == "other: x"
    assert max(exposure("tcp-alone")) <= 1.5
    refused = autodeploy("deploy", folder, "--target", "lab", "--load-balancer", code=2)
    assert "none for protocol: tcp yet" in refused["error"]["cause"]


def test_what_lasts_ends_where_it_began(application):
    name = "lasting"
    folder = application(name, {"server.py": LIVE, "Procfile": "web: python server.py\n"})
    write(folder, {"requirements.txt": "", "public/a.txt": "a file"})
    common = "proxy: {max_body: 1k, timeout: 900}\nstatic_folders: {/files/: public}\n"
    write(folder, {"autodeploy.yml": f'{common}env: {{WORD: "one"}}\n'})
    url = deploy(folder)["url"]
    assert answer(url, "/files/a.txt")[0::2] == (200, "a file")
    assert answer(url, "/files/b.txt")[2] == "one /files/b.txt"
    live = Upgraded(url)
    assert live.status == "101"
    assert live.say("hello") == "one: hello"
    with ThreadPoolExecutor() as pool:
        long = pool.submit(answer, url, "/long")
        write(folder, {"autodeploy.yml": f'{common}env: {{WORD: "two"}}\n'})
        with asking(lambda: answer(url, "/")[0::2]) as seen:
            deploy(folder)
        assert set(seen) == {(200, "one /"), (200, "two /")}
        assert not long.done()
        assert live.say("still") == "one: still"
        assert on_host(name, f"sudo touch /srv/{name}/shared/go").returncode == 0
        assert long.result()[0::2] == (200, "one /long")
    live.close()
    assert post(url, b"x" * 2048) == 413
