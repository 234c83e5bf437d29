"""The hosts behind moto's instances: who has which address, and what became of each."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from moto.ec2.models.instances import Instance

from autodeploy.errors import AutodeployError, LabBroken
from autodeploy.lab import extras, images
from autodeploy.lab.api.facts import facts
from autodeploy.lab.api.instances import (
    PENDING,
    RUNNING,
    STOPPING,
    TERMINATED,
    State,
    elastic_address,
    enter,
    fail,
    powered_itself_off,
    publish,
    spec_of,
)
from autodeploy.lab.api.policies import groups_of
from autodeploy.lab.groups import Policy
from autodeploy.lab.host import Host, HostGone
from autodeploy.lab.info import LabHost
from autodeploy.lab.metadata import Facts
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

log = logging.getLogger(__name__)


@dataclass
class Machine:
    """An instance and the host behind it.

    Attributes:
        instance: moto's view of it.
        host: The host.
        lent: The public address that it has while it runs; None where it has none, or an
            elastic one.
        told_to_stop: Whether a caller of the API has asked it to stop.
    """

    instance: Instance
    host: Host
    lent: IPv4Address | None
    told_to_stop: bool = False


class Machines:
    """Every host of the lab, by its instance.

    Attributes:
        lock: Held by who looks at moto's instances or changes them: a call of the API, and a
            host that begins or ends by itself. No caller sees an instance half changed.
    """

    def __init__(self, site: Site, vpcs: Vpcs) -> None:
        self._site = site
        self._vpcs = vpcs
        self._machines: dict[str, Machine] = {}
        self.lock = threading.RLock()
        vpcs.answer_metadata(self.facts)

    def boot(self, instance: Instance) -> None:
        """Begin to boot an instance, if its image is one of ours."""
        image = images.by_ami(instance.image_id)
        if image is None:
            return
        enter(instance, PENDING)
        try:
            lent = self._vpcs.addresses.take() if instance.public_ip else None
            spec = spec_of(instance, image, lent)
        except AutodeployError as error:
            fail(instance, str(error))
            return
        publish(instance, lent)
        machine = Machine(instance, Host(self._site, self._vpcs, spec), lent)
        self._machines[instance.id] = machine
        _in_background(self._first_boot, machine)

    def start(self, instance: Instance) -> None:
        """Begin to boot a stopped host again, at another public address."""
        machine = self._machines.get(instance.id)
        if machine:
            self._settle(machine)
            enter(instance, PENDING)
            _in_background(self._next_boot, machine)

    def stop(self, instance: Instance) -> None:
        """Begin to shut a host down."""
        machine = self._machines.get(instance.id)
        if machine:
            enter(instance, STOPPING)
            machine.told_to_stop = True
            machine.host.power_off()

    def reboot(self, instance: Instance) -> None:
        """Begin to reboot a host."""
        machine = self._machines.get(instance.id)
        if machine:
            machine.host.reboot()

    def destroy(self, instance: Instance) -> None:
        """Destroy the host of a terminated instance and give its address back."""
        with self.lock:
            machine = self._machines.pop(instance.id, None)
            enter(instance, TERMINATED)
        if machine:
            machine.host.destroy()
            self._vpcs.addresses.give_back(machine.lent)

    def settle(self) -> None:
        """Make the network have the addresses and groups that EC2 says."""
        for machine in list(self._machines.values()):
            self._settle(machine)

    def lend(self) -> IPv4Address:
        """A public address of the lab's, for an elastic one."""
        return self._vpcs.addresses.take()

    def take_back(self, address: str) -> None:
        """An elastic address that is not used any more."""
        self._vpcs.addresses.give_back(IPv4Address(address))

    def know(self, policies: dict[str, Policy]) -> None:
        """Enforce what EC2 says of these VPCs."""
        self._vpcs.know(policies)
        self.settle()

    def forget(self, vpc_id: str) -> None:
        """Take a deleted VPC's network away."""
        self._vpcs.remove(vpc_id)

    def facts(self, vpc_id: str, address: IPv4Address) -> Facts | None:
        """What the instance with this private address may know of itself."""
        for machine in list(self._machines.values()):
            spec = machine.host.spec
            if (spec.vpc_id, spec.private) == (vpc_id, address):
                return facts(machine.instance)
        return None

    def console(self, instance_id: str, size: int) -> str:
        """The end of what an instance has printed."""
        machine = self._machines.get(instance_id)
        return machine.host.console(size) if machine else ""

    def listing(self) -> list[LabHost]:
        """Every host that is not terminated."""
        return [_describe(machine) for machine in list(self._machines.values())]

    def _settle(self, machine: Machine) -> None:
        instance = machine.instance
        with self.lock:
            if instance.id not in self._machines:
                return
            elastic = elastic_address(instance)
            wanted = instance.public_ip is not None and elastic is None
            if wanted and machine.lent is None:
                machine.lent = self._vpcs.addresses.take()
            if not wanted and machine.lent is not None:
                self._vpcs.addresses.give_back(machine.lent)
                machine.lent = None
            public = elastic or machine.lent
            publish(instance, public)
            self._vpcs.change(machine.host.spec, public=public, groups=groups_of(instance))

    def _first_boot(self, machine: Machine) -> None:
        image = machine.host.spec.image
        with self._giving_up(machine):
            machine.host.create(extras.layers(image, self._site.images))
            self._settle(machine)
            self._live(machine)

    def _next_boot(self, machine: Machine) -> None:
        with self._giving_up(machine):
            self._live(machine)

    def _live(self, machine: Machine) -> None:
        """Run a host until it ends."""
        machine.told_to_stop = False
        machine.host.start()
        self._enter(machine, RUNNING)
        code = machine.host.wait()
        if code:
            cause = machine.host.console()
            raise LabBroken(f"systemd-nspawn ended with {code}", cause=cause)
        self._ended(machine)

    def _ended(self, machine: Machine) -> None:
        """A host has powered itself off: told to, or of its own accord."""
        instance = machine.instance
        terminates = instance.instance_initiated_shutdown_behavior == "terminate"
        with self.lock:
            if instance.id not in self._machines:
                return
            if not machine.told_to_stop and terminates:
                instance.terminate()
            else:
                instance.stop()
                self._settle(machine)
            if not machine.told_to_stop:
                powered_itself_off(instance)
        if instance.state == "terminated":
            self.destroy(instance)

    @contextlib.contextmanager
    def _giving_up(self, machine: Machine) -> Iterator[None]:
        """Terminate the instance of a host that cannot live."""
        try:
            yield
        except HostGone:
            return
        except (AutodeployError, OSError) as error:
            log.exception("the host of %s did not boot or died", machine.instance.id)
            with self.lock:
                fail(machine.instance, str(error))
            self.destroy(machine.instance)

    def _enter(self, machine: Machine, state: State) -> None:
        """Change an instance's state, unless it has been terminated meanwhile."""
        with self.lock:
            if machine.instance.id in self._machines:
                enter(machine.instance, state)


def _in_background(target: Callable[[Machine], None], machine: Machine) -> None:
    threading.Thread(target=target, args=(machine,), daemon=True).start()


def _describe(machine: Machine) -> LabHost:
    spec = machine.host.spec
    tags = {tag["key"]: tag["value"] for tag in machine.instance.get_tags()}
    public = machine.instance.nics[0].public_ip
    return LabHost(
        instance_id=spec.instance_id,
        name=tags.get("Name", spec.instance_id),
        address=public or str(spec.private),
        private_address=str(spec.private),
        state=machine.instance.state,
    )
