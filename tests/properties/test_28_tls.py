"""Property 28: TLS exactly when a domain is given, and in one place: the load balancer or the host.

The oracle knows the four things that it takes, and nothing of how it is made.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autodeploy.contracts import Host, InfrastructureSpec, TechStack
from autodeploy.provisioner.front import front, host_ports, host_rules
from autodeploy.provisioner.kinds import Certificate, Listener, SecurityGroup
from autodeploy.settings import Acme, Settings
from autodeploy.sheriff.certificates import tls_variables

pytestmark = pytest.mark.property
HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
SUBNETS = ("subnet-public-a", "subnet-public-b")
TLS = 443


@given(
    st.sampled_from([None, "", "shop.example.com"]),
    st.sampled_from(["lab", "ssh"]),
    st.integers(1, 3),
    st.sampled_from([None, True, False]),
    st.sampled_from(["http", "tcp"]),
    st.booleans(),
)
def test_tls_exactly_when_a_domain_is_given(domain, target, hosts, balancer, protocol, answers):
    many = {"addresses": [f"admin@192.0.2.{n}" for n in range(1, hosts + 1)]}
    own = {"hosts": hosts, "load_balancer": balancer}
    said = {"domain": domain, "target": target, "protocol": protocol, "port": 5000}
    try:
        settings = Settings(**said, **(many if target == "ssh" else own))
    except ValidationError:
        return  # Refused, as a load balancer for TCP is.
    web = {"processes": {"web": "x"}} if answers else {"processes": {"worker": "x"}}
    stack = TechStack(language="go", **web)
    balanced = target != "ssh" and protocol == "http" and answers
    balanced = balanced and (hosts > 1 if balancer is None else balancer)
    wanted = bool(domain) and protocol == "http" and answers
    on_host = wanted and not balanced and hosts == 1

    resources = list(front(stack, settings, SUBNETS, ["host-1"]))
    open_ports = {
        rule.first for one in resources if isinstance(one, SecurityGroup) for rule in one.ingress
    }
    listens = any(isinstance(one, Listener) and one.port == TLS for one in resources)
    certified = any(isinstance(one, Certificate) for one in resources)
    assert (TLS in open_ports, listens, certified) == (wanted and balanced,) * 3

    ports = host_ports(stack, settings)
    spec = InfrastructureSpec(
        application="shop",
        environment="production",
        target=target,
        image="debian-12",
        hosts=(HOST,),
        ssh_key=None,
        ingress_ports=ports,
        protocol=protocol,
        domain=settings.domain,
        load_balancer="lb.example" if balanced else None,
    )
    rules = {rule.first for rule in host_rules(stack, settings)}
    told = tls_variables(spec, Acme())
    assert (TLS in ports, TLS in rules, spec.ends_tls) == (on_host,) * 3
    assert (told["proxy_tls"] is not None, told["certbot_domains"] != []) == (on_host,) * 2
