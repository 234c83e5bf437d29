"""What pyinfra does: files, the repository, dependencies, the service."""

from pyinfra import host
from pyinfra.operations import files, git, pip, server, systemd

SUDO = {"_sudo": True}

files.directory(name="The folder", path="/srv/bench", user="admin", **SUDO)
source = git.repo(
    name="The source", src=host.data.repository, dest="/srv/bench/current", branch="main", pull=True
)
pip.virtualenv(name="The environment", path="/srv/bench/venv", python="python3", venv=True, **SUDO)
if source.will_change:
    server.shell(
        name="The dependencies",
        commands=["/srv/bench/venv/bin/pip install -q -r /srv/bench/current/requirements.txt"],
        _env={"HOME": "/root"},
        **SUDO,
    )
unit = files.put(
    name="The unit", src="../bench.service", dest="/etc/systemd/system/bench.service", **SUDO
)
site = files.put(
    name="The site", src="../site.conf", dest="/etc/nginx/sites-enabled/default", **SUDO
)
systemd.service(
    name="The service",
    service="bench",
    enabled=True,
    restarted=source.will_change or unit.will_change,
    daemon_reload=unit.will_change,
    **SUDO,
)
systemd.service(name="nginx", service="nginx", reloaded=site.will_change, **SUDO)
