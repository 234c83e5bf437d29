"""What is said of a repository before anything is done with it."""

from __future__ import annotations

import pytest

from autodeploy import conductor
from autodeploy.conductor.read import read, remembered
from autodeploy.conductor.scaling import scaled
from autodeploy.contracts import DeploymentStatus, Host, SecurityConfig, TechStack
from autodeploy.errors import UsageError
from autodeploy.journal.events import (
    CloudOpened,
    HostsKnown,
    SecurityReviewed,
    SourceRead,
    StatusChanged,
)
from autodeploy.settings import load
from recon_git import Talk
from statekit import created


@pytest.fixture
def warnings(tmp_path, store):
    """What is warned of in a Flask application whose autodeploy.yml is given."""

    def of(settings, needed="SECRET_KEY", requirements="flask\n"):
        files = {
            "requirements.txt": requirements,
            "app.py": f"import os\nkey = os.environ['{needed}']\nlevel = os.getenv('LEVEL')\n",
            "autodeploy.yml": settings,
        }
        for name, text in files.items():
            (tmp_path / "shop").mkdir(exist_ok=True)
            (tmp_path / "shop" / name).write_text(text)
        command = conductor.Command(
            repository=str(tmp_path / "shop"), name="shop", flags={}, settings=load({})
        )
        environment = conductor.Environment(store=store, cache=tmp_path / "c", open_cloud=None)
        heard = Talk()
        read(command, environment, heard)
        return heard.warned

    return of


def test_a_variable_that_is_needed_and_not_given(warnings):
    assert warnings("") == ["the application needs variables that have no value: SECRET_KEY"]


def test_a_variable_that_is_given(warnings):
    assert warnings("env:\n  SECRET_KEY: x\n") == []


def test_a_variable_that_is_a_secret(warnings):
    assert warnings("secrets:\n  SECRET_KEY: {}\n") == []
    assert warnings("secrets:\n  DATABASE_URL: {}\n", "DATABASE_URL", "flask\npsycopg\n") == []


def test_a_secret_that_hides_a_variable(warnings):
    (said,) = warnings("env:\n  SECRET_KEY: x\nsecrets:\n  SECRET_KEY: {}\n")
    assert said.startswith("SECRET_KEY: it is a secret too")


def test_a_scale_of_what_is_no_process(warnings):
    processes = "env: {SECRET_KEY: x}\nprocesses: {worker: python w.py}\n"
    assert warnings(f"{processes}scale: {{worker: 2}}\n") == []
    (said,) = warnings(f"{processes}scale: {{wroker: 2}}\n")
    assert said.startswith("scale/wroker: there is no process wroker")
    assert said.endswith("Did you mean `worker`?")


def test_a_managed_database_brings_its_address(warnings):
    without = ["the application needs variables that have no value: DATABASE_URL"]
    assert warnings("", "DATABASE_URL") == without
    assert warnings("", "DATABASE_URL", "flask\npsycopg\n") == []
    assert warnings("database: false\n", "DATABASE_URL", "flask\npsycopg\n") == without


def test_a_managed_redis_brings_its_address(warnings):
    without = ["the application needs variables that have no value: REDIS_URL"]
    assert warnings("", "REDIS_URL") == without
    assert warnings("", "REDIS_URL", "flask\nredis\n") == []
    assert warnings("cache: false\n", "REDIS_URL", "flask\nredis\n") == without
    assert warnings("secrets:\n  REDIS_URL: {}\n", "REDIS_URL", "flask\nredis\n") == []


def test_hosts_keep_their_image_until_somebody_says_another(tmp_path, store, journal):
    known = {"image": "debian-13", "arch": "arm64"}
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    journal.write(HostsKnown(hosts=(host,), host_settings=known))
    command = conductor.Command(repository=None, name="shop", flags={}, settings=load({}))
    environment = conductor.Environment(store=store, cache=tmp_path, open_cloud=None)
    assert remembered(command, environment) == known
    assert load({}, remembered=known).image == "debian-13"
    assert load({"image": "debian-12"}, remembered=known).image == "debian-12"


@pytest.mark.parametrize("target", ["lab", "ssh"])
def test_who_does_not_say_no_harden_again_has_hosts_hardened(target, tmp_path, store, journal):
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    flags = {"harden": False, "hosts": 2}
    journal.write(CloudOpened(region="eu-central-1", account="1", flags=flags))
    journal.write(SecurityReviewed(security=SecurityConfig(hardened=False)))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=True))
    settings = load({"target": target})
    command = conductor.Command(repository=None, name="shop", flags={}, settings=settings)
    environment = conductor.Environment(store=store, cache=tmp_path, open_cloud=None)
    known = remembered(command, environment)
    assert load({}, remembered=known).harden
    assert known == ({"hosts": 2} if target == "lab" else {})


def test_a_domain_that_leads_to_a_host_that_exists_holds_until_it_is_taken_back(
    tmp_path, store, journal
):
    settings = load({"target": "ssh"})
    command = conductor.Command(repository=None, name="shop", flags={}, settings=settings)
    environment = conductor.Environment(store=store, cache=tmp_path, open_cloud=None)

    def deployed(journal, **said):
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
        journal.write(SourceRead(commit=None, stack=TechStack(), settings=said))
        journal.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=True))
        return remembered(command, environment)

    assert deployed(journal, domain="shop.example", ttl=60) == {"domain": "shop.example", "ttl": 60}
    assert load({}, remembered={"domain": "shop.example"}).domain == "shop.example"
    assert load({"domain": ""}, remembered={"domain": "shop.example"}).domain is None
    assert deployed(created(store), domain=None) == {}


def test_how_many_run_holds_as_far_as_scale_has_said_it(tmp_path, store, journal):
    """What the repository said then is not remembered."""
    settings = {"scale": {"worker": 3, "clock": 2}}
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(
        SourceRead(commit=None, stack=TechStack(), settings=settings, scaled={"worker": 3})
    )
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))
    command = conductor.Command(
        repository=None, name="shop", flags={}, settings=load({"target": "ssh"})
    )
    environment = conductor.Environment(store=store, cache=tmp_path, open_cloud=None)
    assert remembered(command, environment) == {}
    assert scaled(command, environment) == {"worker": 3}


@pytest.fixture
def image_of(tmp_path, store):
    """The image for a repository with a .python-version, and what is said of it."""

    def of(version, **flags):
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "requirements.txt").write_text("flask\n")
        (tmp_path / "shop" / "app.py").write_text("import flask\napp = flask.Flask('shop')\n")
        (tmp_path / "shop" / ".python-version").write_text(f"{version}\n")
        command = conductor.Command(
            repository=str(tmp_path / "shop"), name="shop", flags=flags, settings=load(flags)
        )
        environment = conductor.Environment(store=store, cache=tmp_path / "c", open_cloud=None)
        heard = Talk()
        _source, _stack, settings = read(command, environment, heard)
        return settings.image, [one for one in heard.said if one.startswith("image ")]

    return of


def test_the_image_that_has_the_runtime_is_taken_and_why_is_said(image_of):
    why = "image debian-13: .python-version asks for python 3.13, which it has"
    assert image_of("3.13") == ("debian-13", [why])


def test_an_image_that_somebody_said_stays(image_of):
    assert image_of("3.13", image="debian-12") == ("debian-12", [])


def test_hosts_that_are_up_keep_theirs_whatever_the_runtime(image_of, journal):
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    journal.write(HostsKnown(hosts=(host,), host_settings={"image": "debian-12"}))
    assert image_of("3.13") == ("debian-12", [])


@pytest.fixture
def settings_of(tmp_path, store):
    """The settings of a repository with these files, of the folder that is named."""

    def of(files, path=None):
        for name, text in files.items():
            (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "shop" / name).write_text(text)
        command = conductor.Command(
            repository=str(tmp_path / "shop"), name="shop", path=path, flags={}, settings=load({})
        )
        environment = conductor.Environment(store=store, cache=tmp_path / "c", open_cloud=None)
        return read(command, environment, Talk())[2]

    return of


def test_a_job_has_no_process_s_name(settings_of):
    files = {
        "requirements.txt": "flask\n",
        "Procfile": "web: x\nworker: y\n",
        "autodeploy.yml": "cron: {worker: {schedule: '@daily', command: z}}\n",
    }
    with pytest.raises(UsageError, match="cron/worker: a process has this name"):
        settings_of(files)


def test_a_job_of_a_workspace_s_member_runs_in_its_folder(settings_of):
    files = {
        "package.json": '{"workspaces": ["apps/*"]}',
        "package-lock.json": "{}",
        "apps/the api/package.json": '{"main": "a.js", "dependencies": {"koa": "2"}}',
        "apps/the api/autodeploy.yml": "cron: {a: {schedule: '@daily', command: node a.js}}\n",
    }
    settings = settings_of(files, "apps/the api")
    assert settings.jobs["a"].command == "cd 'apps/the api' && node a.js"


def test_app_json_is_below_autodeploy_yml(settings_of):
    files = {
        "requirements.txt": "flask\n",
        "app.json": """{"env": {"A": "1", "B": "1"},
            "cron": [{"command": "x", "schedule": "@daily"}]}""",
        "autodeploy.yml": "env: {A: '2'}\n",
    }
    settings = settings_of(files)
    assert settings.env == {"A": "2", "B": "1"}
    assert settings.jobs["job-1"].command == "x"
