"""nginx's site and the way to a release: input → expected file."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import StrictUndefined, Template

from readme import ROLES
from rolekit import together

CASES = Path(__file__).parent / "cases/proxy"


@pytest.fixture(scope="module")
def proxy():
    from ansible.module_utils import proxy_units

    return proxy_units


@pytest.fixture(scope="module")
def module():
    names = ("proxy_files", "proxy_hops", "proxy_switch")
    return together(*(f"proxy/module_utils/{name}.py" for name in names))


@pytest.mark.parametrize(("balanced", "case"), [(False, "site.conf"), (True, "balanced.conf")])
def test_the_site(balanced, case):
    source = (ROLES / "proxy/templates/site.conf.j2").read_text()
    # As Ansible renders.
    template = Template(source, undefined=StrictUndefined, trim_blocks=True)
    text = template.render(proxy_application="shop", proxy_balanced=balanced)
    assert text + "\n" == (CASES / case).read_text()


def test_the_units(proxy):
    found = proxy.units("shop", "4f0c2a91d3be", 20123)
    assert found == {one.name: one.read_text() for one in CASES.iterdir() if one.suffix != ".conf"}


def test_both_roles_agree_on_names(proxy):
    from ansible.module_utils import service_units

    for name in ("target_name", "drain_name"):
        assert getattr(proxy, name)("a", "r") == getattr(service_units, name)("a", "r")
    socket = proxy.units("a", "r", 1)[proxy.socket_name("a", "r")]
    assert service_units.owner(socket) == ("a", "r")
    assert f"PartOf={service_units.target_name('a', 'r')}\n" in socket
    assert service_units.process_name("a", "web", "r") in proxy.SERVICE.format(
        application="a", release="r", port=1
    )


@pytest.mark.parametrize(
    ("status", "good"),
    [(200, True), (404, True), (499, True), (500, False), (502, False), (None, False)],
)
def test_a_hop_is_good(module, status, good):
    assert module.is_good(status) is good


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


@pytest.mark.parametrize(
    "wrong",
    [{"application": "../a"}, {"release": "a b"}, {"release": ""}, {"port": 0}, {"port": 65536}],
)
def test_bad_parameters_are_refused(module, wrong):
    good = {"application": "shop", "release": "r1", "port": 80}
    assert module.problem(good) is None
    assert module.problem({**good, **wrong})
