"""What a host had, and what of it goes with the claim."""

from __future__ import annotations

import pytest

LISTED = """ii  adduser
ii  libc6
rc  old-config
iHR half
ii  nginx-light
"""
SIMULATED = """NOTE: This is only a simulation!
Reading package lists...
The following packages will be REMOVED:
  libnginx-mod-http-echo nginx-common nginx-light users-own
Remv nginx-light [1.22.1-9+deb12u2]
Remv libnginx-mod-http-echo [1:0.63-4] [nginx-common:amd64 ]
Purg nginx-common [1.22.1-9+deb12u2]
Remv users-own [1.0]
"""


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("claim/library/host_claim.py")


def test_only_what_is_whole_is_installed(module):
    assert module.installed(LISTED) == {"adduser", "libc6", "nginx-light"}


def test_what_the_host_had_before_never_goes(module):
    gone = module.doomed(SIMULATED, {"users-own", "libc6"})
    assert gone == ["libnginx-mod-http-echo", "nginx-common", "nginx-light"]


@pytest.mark.parametrize("name", ["shop", "a", "my-shop-2"])
def test_names(module, name):
    assert module.NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "../etc", "a b", "a\n", "a" * 29])
def test_names_that_are_refused(module, name):
    assert not module.NAME.fullmatch(name)
