"""Property 2: what an agent hands over holds all that the next one demands.

The last hand-over is the widest: whatever was found, asked for and built, the Deployer gives every
role what its argument spec demands. Ansible's own validator judges, and the modules' own checks.
"""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import rolekit
from autodeploy.contracts import (
    BuildArtifact,
    Host,
    InfrastructureSpec,
    Layer,
    Runtime,
    Served,
    TechStack,
)
from autodeploy.deployer.variables import (
    Secrets,
    environment,
    prepare_variables,
    release_variables,
)
from autodeploy.provisioner.front import host_ports
from autodeploy.settings import Settings
from readme import entry_points

pytestmark = pytest.mark.property
ROLES = ("claim", "firewall", "runtime", "artifact", "environment", "service", "proxy")
START = rolekit.load("service/module_utils/service_start.py")
SWITCH = rolekit.load("proxy/module_utils/proxy_switch.py")
names = st.from_regex(r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?", fullmatch=True)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
folders = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True)
paths = st.builds("/{}/".format, st.text(string.ascii_lowercase, min_size=1, max_size=8))
variables = st.dictionaries(
    st.from_regex(r"[A-Z_]{1,9}", fullmatch=True), st.text('a "$%\nä', max_size=9)
)
commands = st.text(string.printable, min_size=1, max_size=20).filter(str.strip)
processes = st.dictionaries(st.sampled_from(["web", "worker", "beat"]), commands)
layers = st.builds(
    Layer,
    kind=st.just("dependencies"),
    digest=digests,
    content=digests,
    archive=st.just(Path("layer.tar.gz")),
    files=st.integers(0, 9),
    links=st.dictionaries(folders, folders, max_size=2),
)


@st.composite
def handed(draw):
    """A stack and settings; the artifact and the infrastructure that are made of them."""
    protocol = draw(st.sampled_from(["http", "tcp"]))
    runs = draw(processes)
    if protocol == "tcp":
        runs["web"] = "serve"
    served = Served()
    if protocol == "http" and "web" not in runs and draw(st.booleans()):
        served = Served(root=draw(folders), single_page=draw(st.booleans()))
    elif protocol == "http" and "web" in runs:
        served = Served(folders=draw(st.dictionaries(paths, folders, max_size=2)))
    stack = TechStack(
        language=draw(st.sampled_from(["python", "node", "go", "static"])),
        processes=runs,
        output=served.root,
        health_path=draw(st.none() | st.just("/healthz")),
    )
    ports = st.integers(1, 65535).filter(lambda one: one != 22)
    settings = Settings(
        target="lab",
        protocol=protocol,
        port=draw(ports if protocol == "tcp" else st.none() | ports),
        env=draw(variables),
        scale={name: draw(st.integers(1, 3)) for name in runs if name != "web"},
        memory=draw(st.none() | st.just("512M")),
        restart=draw(st.sampled_from(["on-failure", "always"])),
        health_status=draw(st.none() | st.integers(200, 499)),
        health_grace=draw(st.integers(0, 60)),
    )
    runtime = Runtime(
        language=stack.language,
        version=draw(st.none() | st.just("3.11.2")),
        layer=draw(st.none() | layers),
    )
    source = draw(layers).model_copy(update={"kind": "source"})
    artifact = BuildArtifact(
        digest=draw(digests),
        layers=(*draw(st.lists(layers, max_size=2)), source),
        runtime=runtime,
        processes=runs,
        served=served,
        release_command=draw(st.none() | commands),
        size=0,
        sbom=Path("sbom.json"),
    )
    spec = InfrastructureSpec(
        application=draw(names),
        environment=draw(names),
        target="lab",
        image=settings.image,
        hosts=(Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA"),),
        ssh_key=None,
        ingress_ports=host_ports(stack, settings),
        protocol=protocol,
        load_balancer=draw(st.none() | st.just("lb.example.com")),
    )
    return stack, settings, artifact, spec


def given_to_roles(stack, settings, artifact, spec):
    secrets = Secrets("v", {"TOKEN": SecretStr("s")})
    plain, secret = environment({}, settings, secrets)
    return {
        **prepare_variables(spec, artifact.runtime),
        **release_variables(spec, artifact, stack, settings, "4f0c2a91d3be"),
        "environment_variables": plain,
        "environment_secrets": secret,
    }


@given(handed())
def test_every_role_is_given_what_it_demands(one):
    told = given_to_roles(*one)
    for role in ROLES:
        # Some defaults are Ansible's to render; nothing that is demanded has one.
        options = {
            name: {key: value for key, value in option.items() if key != "default"}
            for name, option in entry_points(rolekit.ROLES / role)["main"]["options"].items()
        }
        ours = {name: value for name, value in told.items() if name.startswith(f"{role}_")}
        judged = ArgumentSpecValidator(options).validate(ours)
        assert not judged.error_messages, role


@given(handed())
def test_the_modules_find_nothing_wrong_with_it(one):
    told = given_to_roles(*one)
    for role, module in (("service", START), ("proxy", SWITCH)):
        defaults = {name: option.get("default") for name, option in module.OPTIONS.items()}
        ours = {name: told.get(f"{role}_{name}", value) for name, value in defaults.items()}
        if role == "proxy":
            ours["site"] = "server {}" if ours["protocol"] == "http" else None
        assert module.problem(ours) is None
