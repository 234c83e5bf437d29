"""Precedence, validation and messages of the settings."""

from __future__ import annotations

import pytest

from autodeploy.contracts import TechStack
from autodeploy.errors import UsageError
from autodeploy.settings import Settings, SettingsFile, laid, load


def test_each_source_wins_over_the_ones_below(tmp_path):
    (tmp_path / "autodeploy.yml").write_text("port: 1000\nhealth_path: /file\nhealth_timeout: 7\n")
    environ = {"AUTODEPLOY_PORT": "2000", "AUTODEPLOY_HEALTH_PATH": "/environ"}
    settings = load({"port": 3000, "health_path": None}, tmp_path, environ)
    assert (settings.port, settings.health_path) == (3000, "/environ")
    assert (settings.health_timeout, settings.build_timeout) == (7, 600)


def test_settings_win_over_what_was_detected():
    stack = TechStack(language="python", processes={"web": "a", "worker": "b"}, port=80)
    over = Settings(start_command="c", port=90).over(stack)
    assert over.processes == {"web": "c", "worker": "b"}
    assert (over.start_command, over.port, over.language) == ("c", 90, "python")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot: 80", "prot: is no setting"),
        ("name: x", "--name"),
        ("addresses: [a@b]", "--host"),
        ("ssh_key: /k", "--ssh-key"),
        ("- 1", "mapping"),
        ("port: [", "not YAML"),
        ("port: 0", "port"),
        ("health_path: x", "health_path"),
        ("processes: {A B: x}", "process name"),
        ("env: {A-B: x}", "A-B"),
        ("cron: {a: {schedule: '61 * * * *', command: x}}", "cron/a/schedule: '61 * * * *' is no"),
        ("cron: {a: {schedule: '@reboot', command: x}}", "cron/a/schedule: @reboot is no time"),
        ("cron: {a: {schedule: '@daily'}}", "cron/a/command: is missing"),
        ("cron: {a: '@daily'}", "cron/a: must be a mapping"),
        ("cron: {hook: {schedule: '@daily', command: x}}", "cron: 'hook' is taken"),
        ("env: {A: true}", "env/A: must be text"),
        ("env: {A: 3.10}", "quotes"),
        ("env: {A: 01234}", "quotes"),
        ("[" * 20_000, "not YAML: it is nested too deeply"),
        (f"port: {'9' * 4500}", "this is no whole number"),
        ("env: {A: 0001-99-99}", "this is no date"),
        (f"x-data: {'y' * 300_000}", "Keep settings alone in it"),
        ("max_monthly_cost: yes", "max_monthly_cost: must be a number, not true or false"),
        ("max_monthly_cost: -1", "max_monthly_cost: must be at least 0"),
        ("max_monthly_cost: .nan", "max_monthly_cost: must be a number"),
        ("usage: {lcu: true}", "usage/lcu: must be a number, not true or false"),
        ("usage: {lcu: '1e3'}", "usage/lcu: must be a number, not '1e3'"),
        ("a: &a [1]\nx: &b [*a,*a]\ny: " + "[*b]" + "\nz: " + "[" + "*a," * 600 + "]", "not YAML"),
    ],
)
def test_a_bad_file_is_named(tmp_path, text, message):
    (tmp_path / "autodeploy.yml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load({}, tmp_path, {})
    assert message in f"{caught.value} {caught.value.remediation}"


@pytest.mark.parametrize("said", ["1_000", "١٢", "1e-400", "nan", "-1", " 5", "1.", "x"])
def test_money_is_a_plain_decimal(said):
    with pytest.raises(UsageError, match=f"--max-monthly-cost: must be a number, not '{said}'"):
        load({"max_monthly_cost": said}, None, {})


@pytest.mark.parametrize("said", ["0.004", "0.009", 0.001])
def test_less_than_a_cent_is_no_limit(said):
    with pytest.raises(UsageError, match=r"--max-monthly-cost: must be 0, or at least 0\.01"):
        load({"max_monthly_cost": said}, None, {})


@pytest.mark.parametrize(
    ("said", "is_"), [("0", 0), ("12.50", 12.5), (0, 0), (0.01, 0.01), (50, 50)]
)
def test_a_limit_of_money(said, is_):
    assert load({"max_monthly_cost": said}, None, {}).max_monthly_cost == is_


def test_a_misspelt_key_is_told_the_nearest(tmp_path):
    (tmp_path / "autodeploy.yml").write_text("helth_path: /x")
    with pytest.raises(UsageError) as caught:
        load({}, tmp_path, {})
    assert "health_path" in caught.value.remediation


def test_comments_are_left_alone_and_links_refused(tmp_path):
    (tmp_path / "elsewhere").write_text("port: 1")
    (tmp_path / "autodeploy.yml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no plain file"):
        load({}, tmp_path, {})
    (tmp_path / "autodeploy.yml").unlink()
    (tmp_path / "autodeploy.yml").write_text("x-note: hi\nenv: {B: '01234'}")
    assert load({}, tmp_path, {}).env == {"B": "01234"}


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a" * 29, "a b", "é"])
def test_names_that_hosts_cannot_bear_are_refused(name):
    with pytest.raises(UsageError):
        load({"name": name}, None, {})


@pytest.mark.parametrize(
    "address", ["b", "@b", "a@", "a@b:", "a@b:0", "a@b:65536", "a@-b", "A@b", "a@b c", "-oX@b"]
)
def test_hosts_that_cannot_be_reached_by_ssh_are_refused(address):
    with pytest.raises(UsageError):
        load({"target": "ssh", "addresses": (address,)}, None, {})


def test_a_host_is_named_once_and_shortly():
    assert load({"addresses": ("a@b:22", "a@c:2222")}, None, {}).addresses == ("a@b", "a@c:2222")
    with pytest.raises(UsageError, match="twice"):
        load({"addresses": ("a@b", "c@B:22")}, None, {})


PROVISIONED = [
    {"hosts": 2},
    {"vpc_id": "vpc-0123456789abcdef0"},
    {"load_balancer": True},
    {"instance_type": "t3.small"},
    {"database": True},
]


@pytest.mark.parametrize("said", PROVISIONED)
def test_nothing_is_provisioned_where_hosts_exist(said):
    load({"target": "lab", **said}, None, {})
    with pytest.raises(UsageError, match=f"{next(iter(said))}: not for hosts that exist"):
        load({"target": "ssh", **said}, None, {})


@pytest.mark.parametrize(
    "said", [{"load_balancer": False}, {"database": False}, {"image": "debian-13"}]
)
def test_what_holds_for_hosts_that_exist_may_be_said(said):
    load({"target": "ssh", **said}, None, {})


@pytest.mark.parametrize("domain", ["1.2.3.4", "shop", "*.example.com", "http://a.b", "-x.example"])
def test_what_is_no_domain_is_refused(domain):
    with pytest.raises(UsageError, match="is not a domain"):
        load({"domain": domain}, None, {})


@pytest.mark.parametrize("domain", ["shop.example.com", "4.example.com", "xn--bcher-kva.example"])
def test_a_domain(domain):
    assert load({"domain": domain}, None, {}).domain == domain


TCP = {"protocol": "tcp", "port": 7007}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"proxy": {"max_body": "25 MB"}}, "proxy/max_body"),
        ({"proxy": {"max_body": "0"}}, "proxy/max_body"),
        ({"proxy": {"max_body": "25m; root /"}}, "proxy/max_body"),
        ({"proxy": {"timeout": 0}}, "proxy/timeout"),
        ({"proxy": {"timeout": "1m"}}, "proxy/timeout"),
        ({"proxy": {"websockets": True}}, "proxy/websockets"),
        ({"memory": "512"}, "memory"),
        ({"memory": "1K"}, "memory: 1K is less than 16M"),
        ({"memory": "16383K"}, "is less than 16M"),
        ({"env": {"PORT": "1"}}, "gives PORT to each process itself"),
        ({"cron": {"web": {"command": "x", "schedule": "@daily"}}}, "'web' is taken"),
        ({"memory": "512M\nUser=root"}, "memory"),
        ({"restart": "never"}, "restart"),
        ({"static": "site"}, "static"),
        ({"output": "../dist"}, "is no folder of the repository"),
        ({"output": "/etc"}, "is no folder of the repository"),
        ({"static_folders": {"static": "static"}}, "say it as"),
        ({"static_folders": {"/": "public"}}, "say it as"),
        ({"static_folders": {"/a/": "a/../.."}}, "say it as"),
        ({"static_folders": {"/a b/": "a"}}, "say it as"),
        ({"protocol": "udp"}, "protocol"),
        ({"protocol": "tcp"}, "port"),
        ({**TCP, "port": 22}, "is SSH's"),
        ({**TCP, "target": "ssh", "addresses": ("a@b:7007",)}, "is SSH's"),
        ({**TCP, "load_balancer": True}, "none for protocol: tcp yet"),
        ({**TCP, "hosts": 2}, "none for protocol: tcp yet"),
    ],
)
def test_what_no_host_could_do_is_refused(said, why):
    with pytest.raises(UsageError) as caught:
        load(said, None, {})
    assert why in caught.value.cause


@pytest.mark.parametrize(
    "said",
    [
        {"proxy": {"max_body": "1g", "timeout": 3600}},
        {"memory": "512M", "restart": "always"},
        {"memory": "16M"},
        {"memory": "16384K"},
        {"static": "spa", "output": "web/dist/"},
        {"static_folders": {"/assets/": "public/assets", "/a-b/c_d/": ".next/static"}},
        TCP,
        {**TCP, "hosts": 2, "load_balancer": False},
        {**TCP, "target": "ssh", "addresses": ("a@b", "a@c")},
    ],
)
def test_what_a_host_can_do(said):
    load(said, None, {})


def test_a_process_that_is_null_is_none():
    stack = TechStack(processes={"web": "run", "worker": "work"}, start_command="run")
    said = load({"processes": {"web": None}}, None, {}).over(stack)
    assert said.processes == {"worker": "work"}
    assert said.start_command is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"A": "sk_live_canary"}, "secrets/A: must be a mapping"),
        ({"A": {"value": "sk_live_canary"}}, "secrets/A/value: is no setting"),
        ({"A": {"generate": "sk_live_canary"}}, "secrets/A/generate: must be a whole number"),
        ({"A": {"generate": 8}}, "secrets/A/generate: must be at least 16"),
        ({"PORT": {}}, "gives PORT to each process itself"),
        ({"1A": {}}, "no name of a variable"),
    ],
)
def test_a_secret_is_declared_and_who_writes_its_value_there_does_not_see_it_again(said, why):
    with pytest.raises(UsageError) as caught:
        load({"secrets": said}, None, {})
    assert why in caught.value.cause
    assert "canary" not in str(caught.value)


def test_of_a_redis_an_option_has_another_name_than_the_setting():
    """`--no-cache` would be taken for something of builds."""
    assert laid({"cache": False}, SettingsFile(), {}).origin(("cache",)) == "--redis"
    assert load({}, environ={"AUTODEPLOY_CACHE": "true"}).cache is True


def test_the_state_remembers_whose_the_redis_is():
    brought = load({"env": {"REDIS_URL": "redis://elsewhere"}}, environ={})
    assert brought.without_secrets() == {"cache": False}
    asked = load({"env": {"REDIS_URL": "redis://elsewhere"}, "cache": True}, environ={})
    assert asked.without_secrets() == {"cache": True}


def test_hosts_that_exist_have_no_managed_redis():
    with pytest.raises(UsageError, match="not valid") as caught:
        load({"target": "ssh", "cache": True, "addresses": ("a@192.0.2.1",)}, environ={})
    assert "cache: not for hosts that exist" in caught.value.cause
