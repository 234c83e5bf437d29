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

RULES = """-N ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 80 -j ACCEPT
-A ufw-user-input -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 2222 -j DROP
-A ufw-user-input -p udp -m udp --dport 53 -j ACCEPT
"""

TCP = """  sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 2 1 0 100
"""


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("firewall/library/ufw_policy.py")


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
    gone = [words for words in module.added_rules(ADDED) if module.is_undeclared(words, wanted)]
    assert gone == [
        "allow from 10.0.0.0/8 to any port 5432 proto tcp",
        "limit 2222/tcp",
        "route allow in on eth0 out on eth1",
        "allow 'Nginx Full'",
    ]


@pytest.mark.parametrize("words", ["deny 80/tcp", "reject 22", "deny in on eth0", "limit 80/tcp"])
def test_a_rule_that_would_close_a_declared_port_goes(module, words):
    assert module.is_undeclared(words, ["allow 22/tcp", "allow 80/tcp"])


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


def test_listening_is_not_connected(module):
    assert module.listening_ports(TCP) == {22}


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
