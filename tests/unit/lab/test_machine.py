"""What hosts take from this machine, and what they must not."""

from __future__ import annotations

import pytest

from autodeploy.errors import LabBroken
from autodeploy.lab import machine

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def test_only_what_a_host_can_use_is_handed_on():
    environ = {
        "SSL_CERT_FILE": BUNDLE,
        "PIP_CERT": "/opt/only-here.pem",
        "GOPROXY": "https://proxy.example.org,direct",
        "PIP_INDEX_URL": "https://me:secret@pypi.example.org/simple",
        "https_proxy": "http://127.0.0.1:3128",
        "http_proxy": "http://proxy.example.org:3128",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "NO_PROXY": 'a"\nPATH=/evil',
    }
    assert machine.environment(environ).splitlines() == [
        f'SSL_CERT_FILE="{BUNDLE}"',
        'GOPROXY="https://proxy.example.org,direct"',
        'http_proxy="http://proxy.example.org:3128"',
    ]


def test_resolvers_that_only_this_machine_reaches_are_left_out():
    assert machine.loopback_resolver("nameserver 127.0.0.53")
    assert machine.loopback_resolver("nameserver ::1")
    assert machine.loopback_resolver("nameserver nonsense")
    assert not machine.loopback_resolver("nameserver 192.0.2.1")
    assert not machine.loopback_resolver("nameserver fe80::1%eth0")
    assert not machine.loopback_resolver("search example.org")


def test_apt_options_are_proxies_and_no_credentials_or_hooks():
    wanted = [
        'Acquire::http::Proxy "http://proxy.example.org:3142";',
        'Acquire::https::Proxy::repo.example.org "DIRECT";',
        'Acquire::Retries "3";',
    ]
    others = [
        'Acquire::http::Proxy "http://127.0.0.1:3142";',
        'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";',
        'Acquire::https::SslKey "/etc/ssl/private/key.pem";',
        'DPkg::Post-Invoke:: "rm -rf /";',
    ]
    assert machine.for_hosts([*wanted, *others]) == wanted


MIRRORS = {
    "bookworm": "http://m/d",
    "bookworm-updates": "http://m/d",
    "bookworm-security": "http://m/s",
}


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_a_suite_comes_from_this_machines_mirrors(suite):
    lines = machine.sources(suite, MIRRORS).splitlines()
    assert [line.split("] ")[1] for line in lines] == [
        f"http://m/d {suite} main",
        f"http://m/d {suite}-updates main",
        f"http://m/s {suite}-security main",
    ]


def test_a_suites_own_mirror_comes_first():
    mirrors = {**MIRRORS, "trixie": "http://t/d"}
    assert "http://t/d trixie main" in machine.sources("trixie", mirrors)


def test_another_distributions_mirror_is_no_mirror_of_debian():
    with pytest.raises(LabBroken):
        machine.sources("bookworm", {"noble": "http://u/ubuntu"})


def test_apt_is_asked_again_once_its_configuration_has_changed(tmp_path, monkeypatch):
    answers = iter(["bookworm main http://one/\n", "bookworm main http://two/\n"])
    monkeypatch.setattr(machine, "APT", tmp_path)
    monkeypatch.setattr(machine, "run", lambda *_command: next(answers))
    machine._mirrors.cache_clear()
    try:
        for _ in range(2):
            assert "http://one/" in machine.apt_sources("bookworm")
        (tmp_path / "sources.list").touch()
        assert "http://two/" in machine.apt_sources("bookworm")
    finally:
        machine._mirrors.cache_clear()
