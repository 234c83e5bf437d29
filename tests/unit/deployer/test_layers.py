"""Dependencies go ahead to hosts that are claimed and not prepared, and to no others."""

from __future__ import annotations

import pytest

from autodeploy.contracts import BuildArtifact, Host, InfrastructureSpec, Layer
from autodeploy.deployer import layers
from autodeploy.deployer.layers import STEP, LayersAhead
from autodeploy.journal.events import LogLine, StepEnded
from autodeploy.runner import NotSent

DEPENDENCIES, SOURCE = "d" * 64, "5" * 64


@pytest.fixture
def sent(monkeypatch):
    """What was sent, as (host, application, archives); a host that is called `lost` refuses."""
    found = []

    class Sending:
        def __init__(self, host, key, known_hosts):
            self.host, self.is_stopped = host.name, False

        def carry_out(self, application, archives):
            if self.host == "lost" or self.is_stopped:
                raise NotSent("it is gone")
            found.append((self.host, application, archives))

        def stop(self):
            self.is_stopped = True

    monkeypatch.setattr(layers, "Sending", Sending)
    return found


def ahead(journal, *names, ready=()):
    hosts = tuple(Host(name=one, address="192.0.2.1", host_key="k") for one in names)
    spec = InfrastructureSpec(
        application="shop",
        environment="production",
        target="lab",
        region=None,
        image="debian-12",
        hosts=hosts,
        ssh_key=None,
    )
    return LayersAhead(spec, "known_hosts", ready, journal.agent("deployer"), forks=2)


@pytest.fixture
def artifact(tmp_path):
    def layer(kind, digest):
        places = {"archive": tmp_path / kind, "listing": tmp_path / "list"}
        return Layer(
            kind=kind, digest=digest, content=digest, **places, size=1, unpacked=1, files=1
        )

    both = (layer("dependencies", DEPENDENCIES), layer("source", SOURCE))
    return BuildArtifact(
        digest="a" * 64, layers=both, processes={}, size=2, sbom=tmp_path / "sbom.json"
    )


def claim(one, name):
    one.heard(f"shop-production-{name}", {"claimed": False})


def test_a_host_gets_the_dependencies_once_it_is_claimed_and_they_are_built(
    journal, sent, artifact, tmp_path
):
    one = ahead(journal, "early", "late", "never")
    claim(one, "early")
    one.heard("shop-production-never", {"runtime_version": "3.11"})
    one.wait()
    assert sent == []
    one.send(artifact)
    claim(one, "late")
    one.wait()
    archives = {DEPENDENCIES: tmp_path / "dependencies"}
    assert sorted(sent) == [("early", "shop", archives), ("late", "shop", archives)]
    one.stop()


def test_a_host_that_is_prepared_is_sent_nothing(journal, sent, artifact):
    one = ahead(journal, "ready", ready={"ready"})
    claim(one, "ready")
    one.send(artifact)
    one.wait()
    assert sent == []


def test_nothing_begins_after_the_end(journal, sent, artifact):
    one = ahead(journal, "host-1")
    one.send(artifact)
    one.stop()
    claim(one, "host-1")
    one.wait()
    assert sent == []


def test_what_fails_is_said_and_left_to_the_release(journal, sent, artifact):
    one = ahead(journal, "lost")
    one.send(artifact)
    claim(one, "lost")
    one.wait()
    one.stop()
    steps = [event for event in journal._events if isinstance(event, StepEnded)]
    assert [(step.step, step.outcome) for step in steps] == [(STEP, "failed")]
    (line,) = [event.message for event in journal._events if isinstance(event, LogLine)]
    assert line == "lost gets them with the release instead: it is gone"
