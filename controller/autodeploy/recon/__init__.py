"""Recon: the repository, and what it is made of."""

from autodeploy.recon.address import default_name, validate, without_credentials
from autodeploy.recon.clone import clone
from autodeploy.recon.detect import detect, said_of_itself
from autodeploy.recon.git.local import origin
from autodeploy.recon.look import Look, look
from autodeploy.recon.talk import Talk
from autodeploy.recon.workspace import from_its_workspace

__all__ = [
    "Look",
    "Talk",
    "clone",
    "default_name",
    "detect",
    "from_its_workspace",
    "look",
    "origin",
    "said_of_itself",
    "validate",
    "without_credentials",
]
