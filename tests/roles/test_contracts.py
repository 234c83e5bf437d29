"""What every role promises: spec, defaults and README say the same, and it stands alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from autodeploy import sheriff
from autodeploy.contracts import (
    BuildArtifact,
    Database,
    Host,
    InfrastructureSpec,
    Layer,
    Runtime,
    TechStack,
)
from autodeploy.deployer import DatabaseLogins
from autodeploy.deployer.database.user import role_secrets, role_variables
from autodeploy.deployer.variables import prepare_variables, release_variables
from autodeploy.settings import Settings
from readme import BEGIN, ROLES, entry_points, split, table

NAMES = sorted(path.parents[1].name for path in ROLES.glob("*/tasks/main.yml"))
NGINX = re.findall(
    r"^ +proxy_(\w+)", (ROLES / "proxy/templates/site.conf.j2").read_text(), re.MULTILINE
)
NGINX += ["add_x_forwarded_for"]
TEMPLATE = {"proxy_balanced", "proxy_max_body", "proxy_timeout"}
PLAYBOOKS = ROLES.parent / "playbooks"
INCLUDES = {"ansible.builtin.include_role"}
each_role = pytest.mark.parametrize("name", NAMES)


def content(path):
    return yaml.safe_load(path.read_text()) if path.exists() else None


def options(name):
    return entry_points(ROLES / name)["main"]["options"]


def test_there_are_all_roles():
    first = ["artifact", "build", "certbot", "claim", "database", "environment"]
    assert [
        *first,
        "firewall",
        "guard",
        "hardening",
        "proxy",
        "runtime",
        "scan",
        "service",
    ] == NAMES


@each_role
def test_it_depends_on_no_other_role(name):
    assert content(ROLES / name / "meta/main.yml")["dependencies"] == []


def test_what_is_armed_is_confirmed_whatever_tags_are_asked_for():
    """A role that is included gives its tasks none of the tags that the including task has."""
    tasks = (one for path in ROLES.glob("*/tasks/*.yml") for one in content(path) or ())
    included = [one["ansible.builtin.include_role"] for one in tasks if one.keys() >= INCLUDES]
    guards = [one for one in included if one["name"] == "guard"]
    assert guards
    assert all(one.get("apply") == {"tags": ["always"]} for one in guards)


def test_every_roles_scenario_is_run():
    (line,) = re.findall(r"set -- (.+)", (ROLES.parent / "tests/roles/molecule").read_text())
    assert sorted(line.split()) == NAMES
    assert all((ROLES / name / "molecule/default/verify.yml").exists() for name in NAMES)


@each_role
def test_defaults_are_the_specs(name):
    said = {key: one["default"] for key, one in options(name).items() if "default" in one}
    assert (content(ROLES / name / "defaults/main.yml") or {}) == said


@each_role
def test_an_option_is_required_or_has_a_default(name):
    for key, option in options(name).items():
        assert bool(option.get("required")) is ("default" not in option), key
        assert option["type"], key


@each_role
def test_variables_carry_the_roles_name(name):
    private = content(ROLES / name / "vars/main.yml") or {}
    assert all(key.startswith(f"{name}_") for key in options(name))
    assert all(key.startswith(f"__{name}_") for key in private)


@each_role
def test_every_variable_is_used_and_every_used_one_is_declared(name):
    files = [*(ROLES / name).glob("tasks/*.yml"), *(ROLES / name).glob("templates/*")]
    files += (ROLES / name).glob("vars/*.yml")
    text = "\n".join(path.read_text() for path in files)
    registered = {*re.findall(r"register: (\w+)", text), f"{name}_report"}
    foreign = {"proxy_" + one for one in NGINX} if name == "proxy" else set()
    used = set(re.findall(rf"\b{name}_[a-z_]+\b", text)) - registered - foreign
    modules = {path.stem for path in (ROLES / name).glob("library/*.py")} - set(options(name))
    entries = entry_points(ROLES / name).values()
    assert used - modules == {key for entry in entries for key in entry.get("options", {})}


@each_role
def test_the_readme_has_the_specs_table(name):
    text = (ROLES / name / "README.md").read_text()
    assert BEGIN in text
    assert split(text)[1] == table(ROLES / name)


@each_role
def test_main_is_a_table_of_contents(name):
    for task in content(ROLES / name / "tasks/main.yml"):
        assert set(task) == {"name", "ansible.builtin.import_tasks"}, task
        assert (ROLES / name / "tasks" / task["ansible.builtin.import_tasks"]).exists()


@each_role
def test_it_has_a_playbook_of_its_own(name):
    (play,) = content(PLAYBOOKS / f"roles/{name}.yml")
    assert [one["role"] for one in play["roles"]] == [name]
    assert play["gather_facts"] is False


def test_the_site_has_every_role_but_builds_and_prepares_without_an_artifact():
    plays = content(PLAYBOOKS / "site.yml")
    roles = {
        tag: [
            task["ansible.builtin.include_role"]["name"]
            for task in play["tasks"]
            if "ansible.builtin.include_role" in task
        ]
        for play in plays
        for tag in play["tags"]
    }
    assert roles == {
        "prepare": ["claim", "proxy", "firewall", "runtime", "proxy"],
        "secure": ["hardening"],
        "database": ["database"],
        "release": ["artifact"],
    }
    assert not any(
        one.get("required") for one in entry_points(ROLES / "proxy")["prepare"]["options"]
    )


def test_no_visitor_is_led_to_a_port_that_is_shut():
    """nginx leads nobody to 443 by the time that the firewall shuts it, whoever left it so."""
    prepare = content(PLAYBOOKS / "site.yml")[0]["tasks"]
    tasks = [one["ansible.builtin.include_role"] for one in prepare]
    shuts = next(number for number, one in enumerate(tasks) if one["name"] == "firewall")
    (leads,) = [number for number, one in enumerate(tasks) if one.get("tasks_from") == "tls"]
    assert leads < shuts
    assert prepare[leads]["when"] == "443 not in firewall_ports"
    assert prepare[leads]["vars"]["proxy_tls"] is None


def test_the_deployer_gives_every_required_variable_and_no_unknown_one():
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    where = {"application": "shop", "environment": "production", "target": "lab", "region": None}
    place = {"engine": "mysql", "host": "db", "port": 3306, "name": "shop", "user": "shop_app"}
    database = Database(**place, secret="arn:1", master_secret="arn:2")
    logins = DatabaseLogins("", "boss", "")
    spec = InfrastructureSpec(**where, image="debian-12", hosts=(host,), ssh_key=Path("key"))
    digests = {"digest": "0" * 64, "content": "0" * 64}
    files = {"archive": Path("a"), "listing": Path("b"), "size": 0, "unpacked": 0, "files": 0}
    layer = Layer(kind="source", **digests, **files)
    run = {"processes": {"web": "run"}, "size": 0, "sbom": Path("c")}
    artifact = BuildArtifact(digest="0" * 64, layers=(layer,), **run)
    stack, settings = TechStack(language="python"), Settings()
    first = prepare_variables(spec, Runtime(language="python", version="3.11.2"))
    hardening = sheriff.variables(settings)
    assert set(hardening) <= set(options("hardening"))
    given = (
        set(first) | set(hardening) | set(release_variables(spec, artifact, stack, settings, "r1"))
    )
    given |= {*role_variables(spec, database, logins), *role_secrets(logins)}
    others = {"build", "certbot", "scan"}  # The Compiler's and the Sheriff's, and not in the site.
    site = [name for name in NAMES if name not in others]
    declared = {key: one for name in site for key, one in options(name).items()}
    assert given <= set(declared)
    assert {key for key, one in declared.items() if one.get("required")} <= given
    needed = {key for name in ("claim", "firewall", "runtime") for key in options(name)}
    assert set(first) <= needed


def test_removal_asks_whose_the_host_is_and_gives_it_back_last():
    (play,) = content(PLAYBOOKS / "remove.yml")
    asked, leave, *rest = play["tasks"]
    assert asked["ansible.builtin.include_role"] == {"name": "claim", "tasks_from": "ask"}
    assert leave["ansible.builtin.meta"] == "end_host"
    removed = [task["ansible.builtin.include_role"] for task in rest]
    assert {one["tasks_from"] for one in removed} == {"remove"}
    assert removed[-1]["name"] == "claim"
    with_removal = {path.parents[1].name for path in ROLES.glob("*/tasks/remove.yml")}
    assert {one["name"] for one in removed} == with_removal


@each_role
def test_removal_has_a_spec_of_its_own(name):
    there = (ROLES / name / "tasks/remove.yml").exists()
    assert ("remove" in entry_points(ROLES / name)) is there


def test_every_package_that_a_role_installs_goes_with_the_claim(plugin):
    installed = {
        task["ansible.builtin.apt"]["name"]
        for path in ROLES.glob("*/tasks/*.yml")
        for one in content(path)
        for task in one.get("block", [one])
        if "ansible.builtin.apt" in task
    }
    runtimes = plugin("runtime/library/runtime_facts.py").RUNTIMES.values()
    installed |= {package for _binary, packages in runtimes for package in packages}
    backends = plugin("firewall/module_utils/firewall_backends.py").BACKENDS.values()
    installed |= {name for one in backends for name, _program in one.packages}
    # A host without python3 is refused, and one that is given back has no managed database.
    client = "{{ __database_clients[database_engine].package }}"
    topics = content(ROLES / "hardening/vars/main.yml")["__hardening_packages"].values()
    installed |= {package for packages in topics for package in packages}
    # What a release links to is noted on the host itself.
    foreign = {
        "{{ runtime_found.missing }}",
        "{{ firewall_policy.missing }}",
        "{{ artifact_packages }}",
        "python3",
        client,
        "{{ hardening_lacks.missing }}",
    }
    assert installed - foreign == set(content(ROLES / "claim/defaults/main.yml")["claim_packages"])


def test_the_release_has_every_option_of_its_roles(plugin):
    """What one step does is what four roles do: nothing that they can be told is lost."""
    (play,) = [one for one in content(PLAYBOOKS / "site.yml") if "serial" in one]
    (task,) = [one["release"] for one in play["tasks"] if "release" in one]
    for role in ("artifact", "environment", "service", "proxy"):
        said = {f"{role}_{name}" for name in task[role]}
        template = TEMPLATE if role == "proxy" else set()
        packages = {"artifact_packages"} if role == "artifact" else set()
        common = {f"{role}_application", f"{role}_release"}
        if role == "proxy":
            said.discard("proxy_site")
        assert said | template | packages | common == set(options(role)), role


def test_the_task_that_has_the_secrets_tells_no_hosts_journal():
    """A module's own `no_log` is overruled by each task's: the journal had every value."""
    tasks = [
        task
        for playbook in sorted(PLAYBOOKS.glob("*.yml"))
        for play in content(playbook)
        for task in play.get("tasks", [])
        if "environment" in (task.get("release") or {})
    ]
    assert [task["vars"] for task in tasks] == [{"ansible_no_target_syslog": True}]
