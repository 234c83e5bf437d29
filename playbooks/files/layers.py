"""Put a release's dependencies on a host that is still being prepared, so that they are there then.

Sent with what it imports, and with the archives, and run by the controller as root: Ansible is busy
with the preparation. Does what the module `artifact_release` does, with the same code. Whatever it
cannot do is left to the release's own step.

    layers.py APPLICATION DIGEST...     the archives lie beside the program's folder, by digest
"""

from __future__ import annotations

import os
import sys

from ansible.module_utils.artifact_archive import Refused
from ansible.module_utils.artifact_delivery import bring
from ansible.module_utils.artifact_store import Store, have_layers
from ansible.module_utils.service_turn import is_heard, nobodys_turn


def main(application, *digests):
    incoming, store = os.path.dirname(sys.path[0]), Store(application)
    with nobodys_turn(application) as mine:
        if not mine:
            sys.exit("another run works on the application's releases")
        for digest in digests:
            if not is_heard():  # It was stopped: perhaps the application is being removed.
                sys.exit("the controller has gone")
            have_layers(store)
            if not os.path.isdir(store.layer(digest)):
                with open(os.path.join(incoming, digest), "rb") as archive:
                    bring(archive, digest, store.layer(digest), 0, 0)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Refused, OSError) as error:
        sys.exit(str(error))
