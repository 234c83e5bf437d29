"""nginx's site and the ways to a release: input → expected file."""

from __future__ import annotations

import http.client
import re
import socket
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import StrictUndefined, Template

from readme import ROLES
from rolekit import together

CASES = Path(__file__).parent / "cases/proxy"
SITE = (ROLES / "proxy/templates/site.conf.j2").read_text()
PROCESS = {
    "proxy_application": "shop",
    "proxy_balanced": False,
    "proxy_port": 20123,
    "proxy_root": None,
    "proxy_single_page": False,
    "proxy_folders": {},
    "proxy_max_body": "25m",
    "proxy_timeout": 60,
}
FILES = {**PROCESS, "proxy_port": None}
SITES = {
    "site.conf": PROCESS,
    "balanced.conf": {**PROCESS, "proxy_balanced": True},
    "asked.conf": {**PROCESS, "proxy_max_body": "1g", "proxy_timeout": 300},
    "folders.conf": {
        **PROCESS,
        "proxy_folders": {"/static/": "staticfiles", "/_next/static/": ".next/static"},
    },
    "spa.conf": {**FILES, "proxy_root": "dist", "proxy_single_page": True},
    "pages.conf": {**FILES, "proxy_root": "."},
}


@pytest.fixture(scope="module")
def proxy():
    from ansible.module_utils import proxy_units

    return proxy_units


@pytest.fixture(scope="module")
def module():
    names = ("proxy_files", "proxy_hops", "proxy_static", "proxy_front", "proxy_switch")
    return together(*(f"proxy/module_utils/{name}.py" for name in names))


@pytest.mark.parametrize("case", SITES)
def test_the_site(case):
    # As Ansible renders.
    template = Template(SITE, undefined=StrictUndefined, trim_blocks=True)
    assert template.render(SITES[case]) + "\n" == (CASES / case).read_text()


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/assets/index-Dj8M3pz5.js", True),
        ("/assets/index-bQ3x_k2-.css", True),
        ("/assets/logo-D4x8kPqZ.svg", True),
        ("/current/dist/assets/index-Dj8M3pz5.js", True),
        ("/_astro/page.CkQyM2xF.css", True),
        ("/_nuxt/DkFqXAbC.js", True),
        ("/_next/static/chunks/framework-64ad27b21261a9ce.js", True),
        ("/_next/static/made9xRt/_buildManifest.js", True),
        ("/_app/immutable/entry/app.js", True),
        ("/static/js/main.073c9b0a.js", True),
        ("/static/js/2.abcdef12.chunk.js", True),
        ("/static/admin/css/base.27e20196a850.css", True),
        ("/main-5KQ7FJ2B.js", True),
        ("/", False),
        ("/index.html", False),
        ("/page-073c9b0a.html", False),
        ("/assets/page-DiwrgTda.html", False),
        ("/app.js", False),
        ("/jquery-validate.js", False),
        ("/assets/jquery-validate.js", False),
        ("/assets/icon-version2.png", False),
        ("/assets/the-homePage.png", False),
        ("/assets/Homepage.png", False),
        ("/report-20241231.pdf", False),
        ("/logo-feedface.png", False),
        ("/photo-IMG10023.png", False),
        ("/index-DiwrgTda.js", False),
        ("/assets/index-DiwrgTda.js", False),  # Some hashes cannot be told from names.
        ("/api/073c9b0a", False),
    ],
)
def test_what_a_browser_may_keep(path, kept):
    table = re.search(r"map \$uri \$autodeploy_cache \{(.*?)^\}", SITE, re.DOTALL | re.MULTILINE)
    rules = re.findall(r'^    "~(.+)" "?(.+?)"?;$', table[1], re.MULTILINE)
    assert len(rules) == 5
    said = next((value for rule, value in rules if re.search(rule, path)), "no-cache")
    assert said == ("public, max-age=31536000, immutable" if kept else "no-cache")


def test_the_units(proxy):
    found = {**proxy.units("shop", "4f0c2a91d3be", 20123), **proxy.public_units("shop", 7007)}
    assert found == {one.name: one.read_text() for one in CASES.iterdir() if one.suffix != ".conf"}
    assert list(proxy.public_units("shop", None).values()) == [None, None]


@pytest.mark.parametrize(
    ("processes", "first"),
    [
        ({"web": "x"}, ""),
        (
            {"web": "x", "worker": "x", "worker-2": "x"},
            "systemctl stop --no-block shop-worker-old.service shop-worker-2-old.service; ",
        ),
        ({"clock": "x"}, "systemctl stop --no-block shop-clock-old.service; "),
    ],
)
def test_workers_of_the_release_before_end_at_the_switch(processes, first, tmp_path, monkeypatch):
    """Their stop does not wait for the drain, which is for requests."""
    from ansible.module_utils import proxy_switch, service_units

    job = {"nightly": {"command": "x", "calendar": ["daily"]}}
    told = {"application": "shop", "release": "old", "port": 1, "path": [], "variables": {}}
    told |= {"processes": processes, "jobs": job, "restart": "always", "memory": None}
    for name, text in service_units.units(told).items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(proxy_switch, "UNITS", str(tmp_path))
    switch, commands = object.__new__(proxy_switch.Switch), []
    switch.application, switch.params = "shop", {"drain": 60}
    switch.systemd = SimpleNamespace(
        ctl=lambda *_arguments, **_options: True,
        command=lambda *words: commands.append(words[-1]) or (0, ""),
    )
    switch.retire("old")
    assert commands == [f"{first}sleep 60; exec systemctl stop shop-old.target"]


def test_both_roles_agree_on_names(proxy):
    from ansible.module_utils import service_units

    for name in ("target_name", "drain_name"):
        assert getattr(proxy, name)("a", "r") == getattr(service_units, name)("a", "r")
    texts = proxy.units("a", "r", 1)
    socket_unit = texts[proxy.socket_name("a", "r")]
    assert service_units.owner(socket_unit) == ("a", "r")
    assert f"PartOf={service_units.target_name('a', 'r')}\n" in socket_unit
    assert service_units.process_name("a", "web", "r") in texts[proxy.service_name("a", "r")]
    for text in proxy.public_units("a", 7007).values():
        assert service_units.owner(text) == ("a", None)


@pytest.mark.parametrize(
    ("status", "below", "good"),
    [
        (200, 500, True),
        (404, 500, True),
        (404, 400, False),
        (499, 500, True),
        (500, 500, False),
        ("accepted", 400, True),
        (None, 500, False),
    ],
)
def test_a_hop_is_good(module, status, below, good):
    assert module.is_good(status, below) is good


@pytest.mark.parametrize(
    ("end", "kept"), [("waits", True), ("greets", True), ("closes", False), ("is gone", False)]
)
def test_a_connection_counts_where_it_is_kept(module, end, kept):
    """As behind systemd's socket, which takes everything and ends what it cannot hand on."""
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve():
            one, _address = server.accept()
            with one:
                if end == "greets":
                    one.sendall(b"220 hello\r\n")
                if end != "closes":
                    asked.wait()

        thread = threading.Thread(target=serve, daemon=True)
        if end == "is gone":
            server.close()
        else:
            thread.start()
        found = module.accepts(http.client.HTTPConnection("127.0.0.1", port, timeout=10))
        asked.set()
    assert (found == "accepted") is kept


def test_a_link_is_replaced_in_one_step_and_can_go_back(module, tmp_path):
    link = tmp_path / "current"
    for target in ("/run/a.sock", "/run/b.sock"):
        module.point(str(link), target)
        assert module.target_of(str(link)) == target
    (tmp_path / "current.partial").symlink_to("/left/by/a/killed/run")
    module.point(str(link), "/run/c.sock")
    assert [one.name for one in tmp_path.iterdir()] == ["current"]
    module.point(str(link), None)
    module.point(str(link), None)
    assert module.target_of(str(link)) is None


def test_a_site_that_nginx_never_read_is_read_by_the_next(module, tmp_path, monkeypatch):
    """Whoever writes it may be killed before nginx has it."""
    front = sys.modules[module.Front.__module__]
    monkeypatch.setattr(front, "SITES", str(tmp_path))

    class Killed(Exception):
        pass

    class Host:
        told, dies = (), True

        def command(self, *_words):
            return 0, ""

        def ctl(self, *words):
            if self.dies:
                raise Killed
            self.told = words

    host = Host()
    with pytest.raises(Killed):
        module.Front(host, "shop").put("site", "server {}")
    host.dies = False
    assert not module.Front(host, "shop").is_read()
    module.Front(host, "shop").put("site", "server {}")
    assert "nginx" in host.told
    assert module.Front(host, "shop").is_read()
    host.told = ()
    module.Front(host, "shop").put("site", "server {}")
    assert not host.told


@pytest.mark.parametrize(
    "wrong",
    [
        {"application": "../a"},
        {"release": "a b"},
        {"release": ""},
        {"port": 0},
        {"port": 65536},
        {"port": None},
        {"site": None},
        {"public_port": 7007},
        {"protocol": "none"},
        {"protocol": "tcp"},
        {"protocol": "tcp", "site": None, "public_port": 7007, "port": None},
    ],
)
def test_bad_parameters_are_refused(module, wrong):
    good = {"application": "shop", "release": "r1", "port": 80, "public_port": None}
    good |= {"protocol": "http", "root": None, "site": "server {}"}
    assert module.problem(good) is None
    assert module.problem({**good, **wrong})


@pytest.mark.parametrize(
    "kind",
    [
        {"port": None, "root": "dist", "site": "server {}"},
        {"port": 80, "public_port": 7007, "protocol": "tcp"},
        {"protocol": "none"},
    ],
)
def test_the_other_kinds_are_not(module, kind):
    none = dict.fromkeys(("port", "public_port", "root", "site"))
    common = {"application": "shop", "release": "r1", "protocol": "http"}
    assert module.problem({**none, **common, **kind}) is None


@pytest.mark.parametrize(
    ("page", "differs", "steps"),
    [
        (None, True, ["switch"]),
        ("page", True, ["page", "switch", "page"]),
        ("page", False, ["page", "look", "page"]),
    ],
)
def test_the_page_of_maintenance_is_there_before_visitors_are(monkeypatch, page, differs, steps):
    from ansible.module_utils import proxy_switch

    done = []

    class Switch:
        below = 500

        def __init__(self, *_):
            self.make = lambda: done.append("switch") or 200
            self.outside = lambda: done.append("look") or 200

        def differences(self):
            return {"site": (None, "text")} if differs else {}

    monkeypatch.setattr(proxy_switch, "Switch", Switch)
    monkeypatch.setattr(proxy_switch, "show", lambda *_: done.append("page"))
    said = {"application": "shop", "release": "r1", "protocol": "http", "port": 1, "site": "text"}
    params = {"public_port": None, **said, "maintenance": page}
    proxy_switch.switch_traffic(SimpleNamespace(check_mode=False), params)
    assert done == steps


class Nginx:
    """A host's systemd, as far as nginx goes."""

    def __init__(self, *, active, enabled, starts=True):
        self.is_so = {"is-active": active, "is-enabled": enabled}
        self.starts = starts

    def ctl(self, asked, *_words, check=True):
        if asked == "enable":
            self.is_so["is-enabled"] = True
        return self.is_so.get(asked)

    def command(self, program, *_words):
        if program.endswith("nginx"):
            return 1, 'unknown directive "junk"'
        self.is_so["is-active"] = self.starts
        return (0, "") if self.starts else (1, "Job for nginx.service failed")


@pytest.mark.parametrize(
    ("active", "enabled", "said"),
    [
        (True, True, []),
        (False, True, ["not running"]),
        (True, False, ["not started with the host"]),
        (False, False, ["not running", "not started with the host"]),
    ],
)
def test_an_nginx_that_sleeps_is_seen_and_woken(module, active, enabled, said):
    from ansible.module_utils.proxy_nginx import lacks

    host = Nginx(active=active, enabled=enabled)
    assert lacks(host) == said
    module.wake(host)
    assert lacks(host) == []


def test_an_nginx_that_does_not_start_is_named(module):
    host = Nginx(active=False, enabled=True, starts=False)
    with pytest.raises(module.NotSwitched, match=r"nginx is not running.*directive") as found:
        module.wake(host)
    seen = module.what_was_seen({"application": "none", "release": "r1"}, found.value)
    assert seen["reason"] == "no-nginx"
    assert "healthy" not in seen


@pytest.mark.parametrize(
    ("old", "answer", "said"),
    [
        (None, None, "there is none before it"),
        ("r0", None, "the one before gives no answer either"),
        ("r0", 500, "the one before serves on"),
    ],
)
def test_what_serves_after_a_failed_switch_is_looked_at(module, monkeypatch, old, answer, said):
    common = {"application": "shop", "release": "r1", "protocol": "http", "port": 20123}
    params = {**common, "public_port": None, "site": "server {}", "root": None, "folders": {}}
    switch = module.Switch(SimpleNamespace(), params)
    monkeypatch.setattr(switch, "ask_once", lambda _connect: answer)
    assert switch.after_all(old) == said
