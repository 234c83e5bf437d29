"""The process that serves the API: `python -m autodeploy.lab.daemon`, started by the client."""

from __future__ import annotations

import json
import logging
import os
import threading
import warnings
from typing import TYPE_CHECKING

from autodeploy import __version__
from autodeploy.errors import LabBroken
from autodeploy.lab import network, processes
from autodeploy.lab.acme import DIRECTORY
from autodeploy.lab.info import LabInfo
from autodeploy.lab.preload import preload
from autodeploy.lab.site import Site

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

    from autodeploy.lab.api.gateway import Admin, Gateway
    from autodeploy.lab.api.machines import Machines
    from autodeploy.lab.internet import Internet

ADDRESS, PREFERRED_PORT = "127.0.0.1", 5577
# moto reads these while it is imported: be strict, load none of its images, let no web page in.
MOTO = {
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
}


def main() -> None:
    """Serve until killed; there is nothing to save."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # Moto wonders about codes that no model of the service has: AWS's common errors.
    warnings.filterwarnings("ignore", "Exception.*does not match an error shape", UserWarning)
    os.environ.update(MOTO)
    site = Site.here()
    server = _bind(_application(site))
    from autodeploy.lab.api.application import SERVICES

    threading.Thread(target=preload, args=(SERVICES,), daemon=True).start()
    _record(site, server.port)
    server.serve_forever()


def _application(site: Site) -> Gateway:
    """The API with the lab around it, ready for its first call."""
    from autodeploy.lab.api import acm, elasticache, elbv2, rds, route53, secretsmanager
    from autodeploy.lab.api.application import application
    from autodeploy.lab.api.machines import Machines
    from autodeploy.lab.api.measuring import Measuring
    from autodeploy.lab.authority import Authority
    from autodeploy.lab.balancers.fleet import Fleet
    from autodeploy.lab.databases.ground import Ground
    from autodeploy.lab.internet import Internet
    from autodeploy.lab.vpcs import Vpcs

    vpcs = Vpcs(site, network.load(site))
    internet = Internet(site, vpcs)
    internet.begin()
    machines = Machines(site, vpcs)
    fleet = Fleet(site, vpcs)
    elbv2.install(fleet)
    authority = Authority.of(site)
    acm.install(authority, lambda: internet.world)
    route53.install(internet.publish)
    elasticache.install(site, vpcs)
    rds.install(Ground(site, vpcs))
    secretsmanager.install()
    admin: dict[str, Admin] = {
        "GET status": lambda _: _status(machines, internet),
        "GET acme-root": lambda _: _acme_root(internet),
        "GET controller-address": lambda _: str(vpcs.network.gateway),
    }
    measuring = Measuring(site, fleet, machines.lock)
    threading.Thread(target=measuring.follow, daemon=True).start()
    return application(machines, site.calls, admin, measure=measuring.take)


def _acme_root(internet: Internet) -> str:
    from autodeploy.lab.api.gateway import BadRequest

    try:
        return internet.acme.root()
    except LabBroken as error:
        raise BadRequest(f"{error.message}: {error.cause}") from error


def _status(machines: Machines, internet: Internet) -> dict[str, object]:
    info = LabInfo(
        running=True,
        hosts=tuple(machines.listing()),
        name_server=internet.address,
        acme_directory=DIRECTORY,
    )
    return {"version": __version__, "info": info.model_dump(mode="json")}


def _bind(application: Gateway) -> BaseWSGIServer:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    for port in (PREFERRED_PORT, 0):
        try:
            return make_server(
                ADDRESS, port, application, threaded=True, request_handler=MotoRequestHandler
            )
        except (OSError, SystemExit):  # werkzeug exits where the port is taken
            continue
    raise OSError("no port is free")


def _record(site: Site, port: int) -> None:
    said = {"identity": processes.identity(os.getpid()), "port": port}
    written = site.daemon_record.with_suffix(".new")
    written.write_text(json.dumps(said))
    written.rename(site.daemon_record)


if __name__ == "__main__":
    main()
