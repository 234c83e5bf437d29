"""Command lines in processes that are there already: half of a short command is importing.

A process that has imported everything is asked for each command; it forks, and what it forks runs
`autodeploy` as `python -m autodeploy` would, with the asker's environment and folder. Processes
that a test watches or kills are started in the plain way.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

PRELOADED = ("autodeploy.cli.main", "autodeploy.cli.wiring", "autodeploy.conductor")
LONGEST = 200_000


def run(
    arguments: list[str], said: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What `python -m autodeploy` does with the arguments.

    Args:
        arguments: Of the command line, without the program.
        said: What it reads on stdin.
        environ: Its environment; None for that of this process.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(said.encode())
        given.seek(0)
        here, there = socket.socketpair()
        around = dict(os.environ if environ is None else environ)
        asked = {"arguments": arguments, "cwd": str(Path.cwd()), "environ": around}
        with here:
            with there:
                files = [given.fileno(), out.fileno(), err.fileno(), there.fileno()]
                socket.send_fds(_zygote(os.getpid()), [json.dumps(asked).encode()], files)
            code = int(here.makefile().read())
        return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _zygote(_asker: int) -> socket.socket:
    """The socket of a process that waits to be asked; it ends with this one."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        line = [sys.executable, __file__, str(its.fileno())]
        # A session of its own: what a test sends to its group is not meant for all later commands.
        subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            start_new_session=True,
        )
    return ours


def _serve(asked: socket.socket) -> None:
    for one in PRELOADED:
        __import__(one)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _flags, _where = socket.recv_fds(asked, LONGEST, 4)
        if not message:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            asked.close()
            _attend(json.loads(message), files)
        for one in files:
            os.close(one)


def _attend(wanted: dict[str, object], files: list[int]) -> None:
    """Run the command in one more process, tell how it ended, and be gone."""
    *standard, answer = files
    child = os.fork()
    if child == 0:
        os.close(answer)
        os.setpgid(0, 0)
        for number, one in enumerate(standard):
            os.dup2(one, number)
            os.close(one)
        os._exit(_command(wanted))
    _, status = os.waitpid(child, 0)
    os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _command(wanted: dict[str, object]) -> int:
    from autodeploy.cli.main import main

    os.environ.clear()
    os.environ.update(wanted["environ"])
    os.chdir(wanted["cwd"])
    random.seed()
    sys.argv = ["autodeploy", *wanted["arguments"]]
    code = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does at its end
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
