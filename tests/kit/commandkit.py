"""The command line, as users have it, and what they get to see of their application."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


def autodeploy(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "autodeploy", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert str(ROOT / "controller") not in done.stderr, "a traceback of ours"
    return json.loads(done.stdout)


def deploy(folder, *arguments, code=0):
    return autodeploy("deploy", folder, "--target", "lab", *arguments, code=code)


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def on_host(application, *words):
    line = [sys.executable, "-m", "autodeploy", "ssh", application, "--", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)
