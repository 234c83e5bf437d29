"""The hosts behind moto's instances: who has which address, and what became of each."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from moto.ec2.models.instances import Instance, StateReason

from autodeploy.errors import AutodeployError, LabBroken
from autodeploy.lab import cloudinit, images
from autodeploy.lab.api.addresses import Addresses
from autodeploy.lab.host import Host, HostGone
from autodeploy.lab.info import LabHost
from autodeploy.lab.network import Network
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site

log = logging.getLogger(__name__)

State = tuple[str, int]
PENDING: State = ("pending", 0)
RUNNING: State = ("running", 16)
TERMINATED: State = ("terminated", 48)
STOPPING: State = ("stopping", 64)

REASON_LENGTH = 900


@dataclass(frozen=True)
class Machine:
    """An instance and the host behind it."""

    instance: Instance
    host: Host


class Machines:
    """Every host of the lab, by its instance."""

    def __init__(self, site: Site, network: Network) -> None:
        self._site = site
        self._network = network
        self.addresses = Addresses(network.cidr)
        self._machines: dict[str, Machine] = {}
        self._lock = threading.Lock()

    def boot(self, instance: Instance) -> None:
        """Begin to boot an instance, if its image is one of ours."""
        image = images.by_ami(instance.image_id)
        if image is None:
            return
        _set(instance, PENDING)
        try:
            spec = self._spec(instance, image)
        except AutodeployError as error:
            _fail(instance, str(error))
            return
        _publish(instance, spec.public)
        machine = Machine(instance, Host(self._site, self._network, spec))
        self._machines[instance.id] = machine
        _in_background(self._first_boot, machine)

    def start(self, instance: Instance) -> None:
        """Begin to boot a stopped host again."""
        machine = self._machines.get(instance.id)
        if machine:
            _publish(instance, machine.host.spec.public)
            _set(instance, PENDING)
            _in_background(self._next_boot, machine)

    def stop(self, instance: Instance) -> None:
        """Begin to shut a host down."""
        machine = self._machines.get(instance.id)
        if machine:
            _set(instance, STOPPING)
            machine.host.power_off()

    def destroy(self, instance: Instance) -> None:
        """Destroy the host of a terminated instance and give its address back."""
        with self._lock:
            machine = self._machines.pop(instance.id, None)
            _set(instance, TERMINATED)
        if machine:
            machine.host.destroy()
            self.addresses.give_back(machine.host.spec.public)

    def listing(self) -> list[LabHost]:
        """Every host that is not terminated."""
        return [_describe(machine) for machine in list(self._machines.values())]

    def _spec(self, instance: Instance, image: images.Image) -> HostSpec:
        backend = instance.ec2_backend
        pair = backend.key_pairs.get(instance.key_name)
        user_data = cloudinit.parse(_user_data(instance))
        return HostSpec(
            instance_id=instance.id,
            image=image,
            public=self.addresses.take() if instance.public_ip else None,
            private=IPv4Address(instance.private_ip),
            vpc=IPv4Network(backend.get_vpc(instance.vpc_id).cidr_block),
            public_key=pair.public_key if pair else None,
            user_data=user_data,
        )

    def _first_boot(self, machine: Machine) -> None:
        image = machine.host.spec.image
        with self._giving_up(machine):
            machine.host.create([images.ensure(image, self._site.images)])
            self._live(machine)

    def _next_boot(self, machine: Machine) -> None:
        with self._giving_up(machine):
            self._live(machine)

    def _live(self, machine: Machine) -> None:
        """Run a host until it ends."""
        machine.host.start()
        self._enter(machine, RUNNING)
        code = machine.host.wait()
        if code:
            cause = machine.host.console()
            raise LabBroken(f"systemd-nspawn ended with {code}", cause=cause)
        with self._lock:
            machine.instance.stop()

    @contextlib.contextmanager
    def _giving_up(self, machine: Machine) -> Iterator[None]:
        """Terminate the instance of a host that cannot live."""
        try:
            yield
        except HostGone:
            return
        except (AutodeployError, OSError) as error:
            log.exception("the host of %s did not boot or died", machine.instance.id)
            _fail(machine.instance, str(error))
            self.destroy(machine.instance)

    def _enter(self, machine: Machine, state: State) -> None:
        """Change an instance's state, unless it has been terminated meanwhile."""
        with self._lock:
            if machine.instance.id in self._machines:
                _set(machine.instance, state)


def _fail(instance: Instance, why: str) -> None:
    """Terminate an instance; the reason is printable, for it becomes a part of XML."""
    instance.terminate()
    printable = re.sub(r"\x1b\[[0-9;]*m|[^ -~]+", " ", why)
    if len(printable) > REASON_LENGTH:  # what happened stands first, why it did stands last
        printable = f"{printable[:100]} ... {printable[-REASON_LENGTH:]}"
    instance.state_reason = StateReason(
        f"Server.InternalError: {printable}", "Server.InternalError"
    )


def _set(instance: Instance, state: State) -> None:
    instance.instance_state.name, instance.instance_state.code = state


def _publish(instance: Instance, address: IPv4Address | None) -> None:
    """Make DescribeInstances say the address that the host really has."""
    if address:
        instance.nics[0].public_ip = str(address)


def _user_data(instance: Instance) -> str | None:
    if not instance.user_data:
        return None
    try:
        return str(instance.user_data.decode())
    except UnicodeDecodeError:
        return "not text"


def _in_background(target: Callable[[Machine], None], machine: Machine) -> None:
    threading.Thread(target=target, args=(machine,), daemon=True).start()


def _describe(machine: Machine) -> LabHost:
    spec = machine.host.spec
    tags = {tag["key"]: tag["value"] for tag in machine.instance.get_tags()}
    return LabHost(
        instance_id=spec.instance_id,
        name=tags.get("Name", spec.instance_id),
        address=str(spec.public or spec.private),
        private_address=str(spec.private),
        state=machine.instance.state,
    )
