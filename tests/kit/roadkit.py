"""The road as a user goes it: the command line, and what answers at its end."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

import foreseenkit
import zygote
from gokit import compiled
from load import Seen, load

ROOT = Path(__file__).parents[2]
AGENTS = ["conductor", "recon", "compiler", "provisioner", "deployer", "sheriff"]


def autodeploy(*arguments: object, code: int = 0, said: str = "") -> Any:
    """What a command prints with --json; `said` is what it reads on stdin.

    A deployment that has completed is what it foresaw of itself.
    """
    done = command(*arguments, "--json", said=said)
    assert done.returncode == code, done.stderr
    assert str(ROOT / "controller") not in done.stderr, "a traceback of ours"
    printed = json.loads(done.stdout)
    if arguments[0] == "deploy" and code == 0 and "deployment_id" in printed:
        foreseenkit.check(printed)
    return printed


def command(
    *arguments: object, said: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a command line does, and prints."""
    first, folder, *_ = (*arguments, "", "")
    with compiled(Path(str(folder))) if first == "deploy" else nullcontext():
        return zygote.run([*map(str, arguments)], said, environ)


def deploy(folder: Path, *arguments: object, code: int = 0) -> Any:
    """What a deployment in the lab says."""
    return autodeploy("deploy", folder, "--target", "lab", *arguments, code=code)


def unbuilt(folder: Path) -> Path:
    """A folder with an application that takes no building: what a deployment costs is the rest."""
    folder.mkdir()
    (folder / "requirements.txt").write_text("")
    (folder / "Procfile").write_text("web: python3 -m http.server $PORT --bind 127.0.0.1\n")
    return folder


def on_host(application: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command on an application's first host."""
    return zygote.run(["ssh", application, "--", *words])


def get(url: str) -> tuple[int, str]:
    """What answers there: the status and the body."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def reached(url: str | None) -> bool:
    """Whether what answers there is well; where nobody is to reach it there is nothing to ask."""
    if url is None:
        return True
    if url.startswith("tcp:"):
        parts = urlsplit(url)
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10).close()
        return True
    return get(url)[0] == 200


def and_again(folder: Path, first: Any, *where: str) -> None:
    """Another release and back to the one before, under load; no request is lost.

    Args:
        folder: The application's; a variable is added to its settings.
        first: What its deployment printed.
        where: As there.
    """
    file = folder / "autodeploy.yml"
    settings = (yaml.safe_load(file.read_text()) if file.exists() else None) or {}
    env = {**settings.get("env", {}), "AUTODEPLOY_TEST": "another release"}
    file.write_text(yaml.safe_dump({**settings, "env": env}))
    named = (first["application"], "--environment", first["environment"])
    url = landing(first["url"])
    with load(url, connections=6) if url else nullcontext(Seen()) as seen:
        second = autodeploy("deploy", folder, *where)
        assert second["release"] != first["release"]
        assert live(first) in {second["release"], None}
        undone = autodeploy("rollback", *named, "--yes", "--yes-data")
        assert undone["status"] == "rolled_back"
        assert live(first) in {first["release"], None}
    assert seen.lost == []
    assert reached(first["url"])


def landing(url: str | None) -> str:
    """Where an address leads; empty where that is not HTTP."""
    if not (url or "").startswith("http"):
        return ""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(str(url), timeout=10) as answer:
        return str(answer.geturl())


def live(state: Any) -> str | None:
    """The release that has the traffic, asked where users go; None where that is not HTTP."""
    if not (state["url"] or "").startswith("http"):
        return None
    return get(f"{state['url']}.well-known/autodeploy")[1].strip()


def there_and_back(folder: Path, *where: str) -> tuple[Any, Any]:
    """From a folder to an answering URL, once more without a change, with one, and back.

    Args:
        folder: A copy of the application's.
        where: Options that say where, and as what.

    Returns:
        What the first deployment printed, and what the end did.
    """
    begun = datetime.now(UTC)
    first = autodeploy("deploy", folder, *where)
    if first["target"] == "lab":
        foreseenkit.check_calls(first, begun)
    assert first["status"] == "completed"
    assert first["changed"] is True
    assert first["error"] is None
    assert [stage["agent"] for stage in first["stages"]] == AGENTS
    assert reached(first["url"])

    planned = autodeploy("plan", folder, *where)
    assert {one["action"] for one in planned["resources"]} == {"none"}
    kinds = sorted(one["type"] for one in planned["resources"])
    assert kinds == sorted(one["type"] for one in first["resources"])

    again = autodeploy("deploy", folder, *where)
    assert again["changed"] is False
    assert (again["url"], again["release"]) == (first["url"], first["release"])
    assert again["resources"] == first["resources"]

    and_again(folder, first, *where)

    named = (first["application"], "--environment", first["environment"])
    gone = autodeploy("destroy", *named, "--yes")
    assert gone["status"] == "completed"
    assert gone["resources"] == []
    return first, gone
