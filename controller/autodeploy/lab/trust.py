"""Where the lab's certificate authority is found: on this machine, and on every host."""

from __future__ import annotations

import shutil
from pathlib import Path

from autodeploy.lab.machine import BUNDLE
from autodeploy.lab.site import Site

# Where hosts have the authority's certificate; AWS's users put its bundle into this folder too.
ON_HOSTS = Path("etc/ssl/certs/rds-ca.pem")
# Where `update-ca-certificates` finds it: AWS's other services have authorities that all trust.
IN_STORE = Path("usr/local/share/ca-certificates/autodeploy-lab.crt")
PUBLIC_IN_STORE = IN_STORE.with_name("autodeploy-acme.crt")


def certificate_path(site: Site) -> Path:
    """Where the authority's certificate is; its key is beside it."""
    return site.folder / "ca/ca.pem"


def bundle_path(site: Site) -> Path:
    """Where this machine's programs find all whose certificates are good in the lab."""
    return site.folder / "ca/trusted.pem"


def public_path(site: Site) -> Path:
    """The root of the ACME authority that runs; it is another one each time that it starts."""
    return site.folder / "ca/acme.pem"


def bundle(site: Site, public: str) -> None:
    """Let the lab's own authority be good there, and ACME's.

    Args:
        site: The lab.
        public: ACME's root, as PEM.
    """
    public_path(site).write_text(public)
    path = bundle_path(site)
    written = path.with_suffix(".new")
    written.write_text(certificate_path(site).read_text() + public)
    written.rename(path)


def read(site: Site) -> str | None:
    """The certificate of the lab's authority as PEM; None where no lab has run here yet."""
    path = certificate_path(site)
    return path.read_text() if path.exists() else None


def publish(site: Site, root: Path) -> None:
    """Have a host trust the authorities: written to its file system, before its first boot."""
    pem, public = read(site), public_path(site)
    if pem:
        for path in (ON_HOSTS, IN_STORE):
            (root / path).write_text(pem)
        if public.exists():
            shutil.copyfile(public, root / PUBLIC_IN_STORE)
        with (root / BUNDLE).open("a") as bundle:
            bundle.write(bundle_path(site).read_text() if public.exists() else pem)
