"""How provisioning goes, against what it could be at best: `make bench-provision`, as root.

In the lab, where things take AWS's time at the lab's pace (RDS 300 s, a load balancer 120 s, EC2
20 s, scaled down). Every figure is a ratio, and a bound that is missed is the exit code.

time      of a first provision, over its critical path: the plan, then the longest chain of
          resources that need each other, each with the time that the journal has for it
calls     of a first provision, over those that its resources need: a creating call a resource,
          its further steps (what it lacks once it is made), a waiting read where it takes time;
          a read a kind that it has or that stands alone, one of the zones and one of the image
no-op     reads of a provision that changes nothing, over the kinds
overlap   when the hosts were handed over, of the time until the database was ready
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

import platformdirs

from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.aws.cloud import LAB_PACE
from autodeploy.contracts import InfrastructureSpec, TechStack
from autodeploy.journal import AgentLog, DirectoryStore
from autodeploy.journal import events as e
from autodeploy.journal.journal import Listener
from autodeploy.lab import client, images
from autodeploy.lab.info import LabInfo
from autodeploy.lab.site import Site
from autodeploy.provisioner import Owner
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import KINDS, Desired
from autodeploy.provisioner.observed import observe
from autodeploy.provisioner.surroundings import surroundings
from autodeploy.settings import Settings
from figures import Figure

ON_AWS = {"instance": 20, "db-instance": 300, "load-balancer": 120}
BESIDES = 2  # what is read besides the kinds: the zones, the image
TIME, CALLS, NO_OP, OVERLAP = 1.15, 1.2, 1, 1
READS = ("Describe", "Get", "List")
DATABASE = "database"
SLOW = {"AWS::EC2::Instance", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::RDS::DBInstance"}
WEB = TechStack(language="python", processes={"web": "serve"})
WITH_DATABASE = WEB.model_copy(update={"databases": ("postgresql",)})
CASES = {
    "one": (WEB, Settings(target="lab")),
    "data": (WITH_DATABASE, Settings(target="lab")),
    "whole": (WITH_DATABASE, Settings(target="lab", hosts=2, load_balancer=True)),
}


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        default = platformdirs.user_state_path("autodeploy") / "lab/images"
        os.environ["AUTODEPLOY_HOME"] = home
        os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(default))
        images.ensure(images.DEFAULT, Site.here().images)
        try:
            info = client.up()
            client.delays({kind: seconds * LAB_PACE for kind, seconds in ON_AWS.items()})
            missed = [one.is_missed for name in CASES for one in told(name, info, Path(home))]
        finally:
            client.down()
    return any(missed)


def told(name: str, info: LabInfo, home: Path) -> list[Figure]:
    """Measure one case, tell it, and take it away."""
    application = Application(name, info, home)
    first, again = application.provision(), application.provision()
    figures = [*first.figures(application.wanted()), *again.figures_of_no_change()]
    sys.stdout.write(f"{name}: {len(first.seconds_of)} resources\n")
    sys.stdout.writelines(f"  {one}\n" for one in figures)
    sys.stdout.flush()
    application.destroy()
    return figures


@dataclass
class Provision:
    """One provision, as it was heard of.

    Attributes:
        began: When, by the clock of `heard`.
        heard: Every event, and when.
        hosts: When the hosts were handed over.
        calls: How often each call was made.
    """

    began: float
    heard: list[tuple[float, e.AnyEvent]]
    hosts: float = 0
    calls: Counter[str] = field(default_factory=Counter)

    def figures(self, wanted: Iterable[Desired]) -> Iterator[Figure]:
        """Of a first provision of what was `wanted`."""
        resources = {one.key: one for one in wanted}
        assert resources.keys() == self.seconds_of.keys(), "a first provision makes everything"
        path = self.seconds("plan") + longest(resources, self.seconds_of)
        yield Figure("time, of its critical path", self.whole / path, TIME)
        types = [one.type for one in resources.values()]
        kinds = {kind for kind in KINDS if kind.wave == 0 or kind.type in types}
        slow = sum(one in SLOW for one in types)
        needed = len(resources) + self.steps + slow + len(kinds) + BESIDES
        yield Figure(f"calls, of {needed} that are needed", self.calls.total() / needed, CALLS)
        if DATABASE in resources:
            ready = self.at(f"create {DATABASE}") - self.began
            yield Figure("hosts handed over, of the database's time", self.hosts / ready, OVERLAP)

    def figures_of_no_change(self) -> Iterator[Figure]:
        """Of a provision of what is there."""
        writes = [one for one in self.calls if not one.split(":")[1].startswith(READS)]
        assert not writes, "what is as it should be is not changed"
        yield Figure("reads of a no-op, of the kinds", self.calls.total() / len(KINDS), NO_OP)
        yield Figure("the same read in it, at most", max(self.calls.values()), NO_OP)

    @property
    def whole(self) -> float:
        return self.heard[-1][0] - self.began

    @property
    def steps(self) -> int:
        """The further calls that new resources took."""
        events = [one for _, one in self.heard if isinstance(one, e.ResourceIntended)]
        return sum(one.action == "update" for one in events)

    @cached_property
    def seconds_of(self) -> dict[str, float]:
        """How long the creation of each resource took."""
        steps = [one for _, one in self.heard if isinstance(one, e.StepEnded)]
        made = [one for one in steps if one.step.startswith("create ")]
        return {one.step.removeprefix("create "): one.seconds for one in made}

    def seconds(self, step: str) -> float:
        return next(one.seconds for _, one in self.heard if is_end(one, step))

    def at(self, step: str) -> float:
        return next(when for when, one in self.heard if is_end(one, step))


class Application:
    """An application with nothing but its infrastructure."""

    def __init__(self, name: str, info: LabInfo, home: Path) -> None:
        self.name, self.home = name, home
        self.stack, self.settings = CASES[name]
        self.cloud = Cloud(region=info.region, endpoint_url=info.endpoint_url)

    def provision(self) -> Provision:
        heard: list[tuple[float, e.AnyEvent]] = []
        log, owner = self.begin(lambda event: heard.append((time.monotonic(), event)))
        self.cloud.calls.clear()
        done = Provision(time.monotonic(), heard)

        def on_hosts(_: InfrastructureSpec) -> None:
            done.hosts = time.monotonic() - done.began

        provisioner.provision(
            *(self.stack, self.settings, self.cloud, owner, self.home / self.name, log),
            on_hosts=on_hosts,
        )
        done.calls.update(one.action for one in self.cloud.calls)
        return done

    def wanted(self) -> tuple[Desired, ...]:
        _, owner = self.begin(lambda _: None)
        keys = Keys(self.home / self.name)
        around = surroundings(
            self.cloud, self.stack, self.settings, observe(self.cloud, owner), keys
        )
        return desired(self.stack, self.settings, around)

    def destroy(self) -> None:
        log, owner = self.begin(lambda _: None)
        provisioner.destroy(self.cloud, owner, self.home / self.name, log)

    def begin(self, listener: Listener) -> tuple[AgentLog, Owner]:
        journal = DirectoryStore(self.home / "store").create(
            operation="deploy",
            application=self.name,
            environment="bench",
            target="lab",
            region=self.cloud.region,
            repository=None,
            tool_version="0",
            listener=listener,
        )
        run = journal.state.id
        owner = Owner(application=self.name, environment="bench", deployment=run)
        return journal.agent("provisioner"), owner


def longest(resources: Mapping[str, Desired], seconds: Mapping[str, float]) -> float:
    """Seconds of the longest chain of resources that need each other."""
    until: dict[str, float] = {}
    needs = {key: {one for one in of.needs if one in resources} for key, of in resources.items()}
    for key in TopologicalSorter(needs).static_order():
        until[key] = seconds[key] + max((until[one] for one in needs[key]), default=0)
    return max(until.values())


def is_end(event: e.AnyEvent, step: str) -> bool:
    return isinstance(event, e.StepEnded) and event.step == step


if __name__ == "__main__":
    sys.exit(main())
