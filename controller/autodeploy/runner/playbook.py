"""`ansible-playbook`, started by path: it begins with what plays before it have packed.

Packing takes a quarter second a module, in each play anew. See `packed`, which keeps it.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

PACKED = "AUTODEPLOY_PACKED"
"""The environment variable that tells where packed modules are kept for the plays to come."""


def main() -> None:
    """Run Ansible's own command line."""
    # Nearly all that is made lives to the end: looking for garbage takes a fifth of every start.
    gc.set_threshold(100_000)
    from ansible import constants
    from ansible.cli import playbook

    kept = os.environ.get(PACKED)
    if kept:
        # Copied, for whoever keeps them may forget them while we run; what is not there is packed.
        with suppress(OSError, shutil.Error):
            shutil.copytree(kept, Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache"))
    # What all workers share stays shared: a look for garbage would write to each page of it.
    gc.freeze()
    sys.argv[0] = "ansible-playbook"
    sys.exit(playbook.main())


if __name__ == "__main__":
    main()
