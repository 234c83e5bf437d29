"""UFW's texts and what follows from them."""

from __future__ import annotations

import pytest

ADDED = """
Added user rules (see 'ufw status' for running firewall):
ufw allow 22/tcp
ufw allow 80/tcp comment 'the web'
ufw allow from 10.0.0.0/8 to any port 5432 proto tcp
ufw deny from 203.0.113.7
ufw limit 2222/tcp
ufw allow out 53
ufw route allow in on eth0 out on eth1
ufw allow 'Nginx Full'
"""

APPLICATIONS = {"OpenSSH": "22/tcp", "SSH": "22/tcp"}
RULES = """-N ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 80 -j ACCEPT
-A ufw-user-input -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 2222 -j DROP
-A ufw-user-input -p udp -m udp --dport 53 -j ACCEPT
"""


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("firewall/module_utils/firewall_ufw.py")


def test_rules_are_read_without_their_comments(module):
    assert module.added_rules(ADDED) == [
        "allow 22/tcp",
        "allow 80/tcp",
        "allow from 10.0.0.0/8 to any port 5432 proto tcp",
        "deny from 203.0.113.7",
        "limit 2222/tcp",
        "allow out 53",
        "route allow in on eth0 out on eth1",
        "allow 'Nginx Full'",
    ]


def test_only_rules_that_open_or_close_something_undeclared_go(module):
    wanted = ["allow 22/tcp", "allow 80/tcp"]
    gone = [
        words
        for words in module.added_rules(ADDED)
        if module.is_undeclared(words, wanted, [80], {})
    ]
    assert gone == [
        "allow from 10.0.0.0/8 to any port 5432 proto tcp",
        "limit 2222/tcp",
        "route allow in on eth0 out on eth1",
        "allow 'Nginx Full'",
    ]


@pytest.mark.parametrize("words", ["deny 80/tcp", "reject 22", "deny in on eth0", "limit 80/tcp"])
def test_a_rule_that_would_close_a_declared_port_goes(module, words):
    assert module.is_undeclared(words, ["allow 22/tcp", "allow 80/tcp"], [80], {})


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("allow 'Nginx Full'", ["--force", "delete", "allow", "Nginx Full"]),
        ("route allow out on e0", ["--force", "route", "delete", "allow", "out", "on", "e0"]),
    ],
)
def test_deletion_says_the_same_words(module, words, arguments):
    assert module.deletion(words) == arguments


def test_open_is_what_the_kernel_accepts_from_everywhere(module):
    assert module.open_ports(RULES) == {22, 80}
    assert module.open_ports(RULES.replace("ufw-user", "ufw6-user")) == {22, 80}
    assert module.open_ports("") == set()
    several = "-A ufw-user-input -p tcp -m multiport --dports 80,8000:8002 -j ACCEPT"
    assert module.open_ports(several) == {80, 8000, 8001, 8002}


def test_applications_have_their_ports(module):
    texts = ["[OpenSSH]\ntitle=a\nports=22/tcp\n", "rubbish", "[Web]\nports=80,443/tcp|53\n"]
    assert module.application_ports(texts) == {"OpenSSH": "22/tcp", "Web": "80,443/tcp|53"}


def test_admitted_is_what_is_accepted_from_anywhere_at_all(module):
    assert [port for port in (22, 80, 5432, 2222, 53) if module.admitted(RULES, port)] == [
        22,
        80,
        5432,
    ]
    for words in (
        "-s 10.0.0.7/32",
        "-s 10.0.0.7/32 -p tcp",
        "-p tcp -m multiport --dports 20:25,80",
        "-i wg0",
    ):
        assert module.admitted(f"-A ufw-user-input {words} -j ACCEPT", 22), words
    assert not module.admitted("-A ufw-user-input -s 10.0.0.7/32 -p udp -j ACCEPT", 22)
    assert module.admitted(
        "-A ufw-user-input -p tcp -m tcp --dport 22 -j ufw-user-limit-accept", 22
    )


@pytest.mark.parametrize(
    ("present", "active", "rules"),
    [
        ([], True, ["allow 22/tcp"]),
        (["limit 22/tcp"], True, ["allow 22/tcp"]),
        (["allow from 10.0.0.0/8 to any port 22"], True, ["allow from 10.0.0.0/8 to any port 22"]),
        (["allow from 10.0.0.0/8 to any port 22"], False, ["allow 22/tcp"]),
        (["allow in on eth1 to any port 22"], True, ["allow in on eth1 to any port 22"]),
        (["allow from 10.0.0.7"], True, ["allow from 10.0.0.7"]),
        (["allow from 10.0.0.7 to any app SSH"], True, ["allow from 10.0.0.7 to any app SSH"]),
        (["allow in on wg0"], True, ["allow in on wg0"]),
        (["allow from 10.0.0.7 proto tcp"], True, ["allow from 10.0.0.7 proto tcp"]),
        (
            ["allow from 10.0.0.7 to any port 20:25"],
            True,
            ["allow from 10.0.0.7 to any port 20:25"],
        ),
        (["allow from 10.0.0.7 to 10.0.0.5"], True, ["allow from 10.0.0.7 to 10.0.0.5"]),
        (["allow 20:25/tcp"], True, ["allow 22/tcp"]),
        (["allow SSH", "allow in on wg0"], True, ["allow 22/tcp"]),
        (["allow from 10.0.0.7 to any app Gone"], True, ["allow from 10.0.0.7 to any app Gone"]),
        (["allow OpenSSH", "deny from 192.0.2.1"], True, ["allow OpenSSH"]),
        (["allow out 22"], True, ["allow 22/tcp"]),
    ],
)
def test_what_lets_in_ssh_is_not_widened(module, present, active, rules):
    assert module.ssh_rules(present, active, [22], APPLICATIONS) == rules


def test_ipv6_is_turned_on_and_loaded_before_the_rules_are_given_again(module):
    found = {"rules": ["allow 22/tcp"], "active": True, "policy": "drop", "opened": {22}}
    found["applications"] = {}
    assert module.plan({**found, "ipv6": False}, [80], [22]) == [
        module.IPV6,
        ["reload"],
        ["allow", "22/tcp"],
        ["allow", "80/tcp"],
    ]
    assert module.plan({**found, "ipv6": True}, [], [22]) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("IPV6=yes\n", "yes"),
        ('#IPV6=yes\nIPV6="No"\n', "no"),
        ("", ""),
        ("IPV6=no\nIPV6=yes\n", "yes"),
    ],
)
def test_settings_of_ufw(module, text, value):
    assert module.setting(text, "IPV6") == value
