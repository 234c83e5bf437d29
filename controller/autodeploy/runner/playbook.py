"""`ansible-playbook`, started by path: it packs modules into a folder that it is given.

Packing takes a quarter second a module, in each play anew. See `packed`, which lends the folder
with what is packed already. Ansible's own folder for it ends with its process.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

PACKED = "AUTODEPLOY_PACKED"
"""The environment variable that tells the folder."""


def main() -> None:
    """Run Ansible's own command line."""
    # Nearly all that is made lives to the end: looking for garbage takes a fifth of every start.
    gc.set_threshold(100_000)
    from ansible import constants
    from ansible.cli import playbook

    if folder := os.environ.get(PACKED):
        Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache").symlink_to(folder)
    # What all workers share stays shared: a look for garbage would write to each page of it.
    gc.freeze()
    sys.argv[0] = "ansible-playbook"
    sys.exit(playbook.main())


if __name__ == "__main__":
    main()
