"""The application that all deploy: Flask, 20 dependencies, 200 files, and a line that changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from build import DEPENDENCIES

FILES = 200
NAME = "flask-bench"
APP = """
import time

from flask import Flask

from release import RELEASE

app = Flask(__name__)


@app.get("/")
@app.get("/healthz")
def release():
    return RELEASE


@app.get("/slow")
def slow():
    time.sleep(20)
    return RELEASE
"""
PROCFILE = "web: gunicorn --bind 127.0.0.1:$PORT --workers 2 --threads 8 app:app\n"
WANTED = (*(one for one in DEPENDENCIES if not one.startswith("psycopg")), "rich")


class Application:
    """Its git repository; `release` is what `/` answers at the newest commit."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._number = folder, 0
        folder.mkdir(parents=True)
        written = {"app.py": APP, "Procfile": PROCFILE, "wanted.in": "\n".join(WANTED)}
        for number in range(FILES - len(written) - 2):
            written[f"package{number % 20}/module{number}.py"] = f"x = {number}\n" * 200
        for name, text in written.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self._pin()
        self._git("init", "-q", "-b", "main")
        self.change()

    @property
    def release(self) -> str:
        return f"release-{self._number}"

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    @property
    def requirements(self) -> Path:
        return self.folder / "requirements.txt"

    def change(self) -> None:
        """Commit another line."""
        self._number += 1
        # Of another length each time: within one second rsync and Python see that alone.
        text = f'RELEASE = "{self.release}"  # {"." * self._number}\n'
        (self.folder / "release.py").write_text(text)
        self._git("add", "--all")
        who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
        self._git(*who, "commit", "-q", "-m", self.release)

    def _git(self, *words: str) -> None:
        subprocess.run(["git", "-C", self.folder, *words], check=True)

    def _pin(self) -> None:
        line = ["uv", "pip", "compile", "-q", "--generate-hashes", "--python-version", "3.11"]
        files = ["wanted.in", "-o", "requirements.txt"]
        subprocess.run([*line, *files], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
