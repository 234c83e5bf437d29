"""Files that are served as they are: whole sites, and folders of applications with a process."""

from __future__ import annotations

from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.contracts import Served, TechStack
from autodeploy.errors import BuildError
from autodeploy.settings import INSIDE, PREFIX, Settings

# Their index.html finds its way by itself, whatever the path.
SINGLE_PAGE = frozenset(
    (
        *("angular", "brunch", "create-react-app", "ember", "expo", "parcel", "polymer", "preact"),
        *("react-router", "sanity", "stencil", "vite", "vue-cli"),
    )
)
# Whose static files are everybody's by design. Others may let them be seen behind a login only, so
# those are served where the settings say so.
PUBLIC = frozenset({"django", "flask"})
# What tells us, and not the site's visitors.
OURS = frozenset({"autodeploy.yml", "Procfile", "Staticfile", "app.json"})


def site(stack: TechStack, settings: Settings, root: str) -> Served:
    """A folder whose files are all that there is to the application."""
    folder = root.strip("/") or "."
    if not INSIDE.fullmatch(folder):
        raise BuildError(
            f"{root!r} cannot be served: letters, digits, `_`, `.` and `-` make a folder's name",
            step="output",
            remediation="Have the build make another folder, and name it in `output`.",
        )
    said = settings.static
    single = said == "spa" if said else stack.framework in SINGLE_PAGE
    return Served(root=folder, single_page=single)


def folders(stack: TechStack, settings: Settings, **own: str) -> Served:
    """What of an application with a process nginx serves.

    Args:
        stack: For the framework's own folders.
        settings: Folders that the user names.
        own: Folder by the path of the URL, of a framework whose builder knows them.
    """
    known = stack.static_folders if stack.framework in PUBLIC else {}
    named = {
        url: one.rstrip("/") for url, one in {**own, **known, **settings.static_folders}.items()
    }
    # What nginx's configuration would have to quote is left to the process.
    plain = {
        url: one for url, one in named.items() if PREFIX.fullmatch(url) and INSIDE.fullmatch(one)
    }
    return Served(folders=plain)


class StaticBuilder:
    """A folder with an index.html."""

    path: tuple[str, ...] = ()

    def __init__(self, job: Job) -> None:
        self._job = job
        self.release_command = job.stack.release_command
        self.jobs = job.jobs
        self.environment: dict[str, str] = {}
        self.processes = dict(job.stack.processes)
        whole = site(job.stack, job.settings, job.stack.output or ".")
        self.served = folders(job.stack, job.settings) if "web" in self.processes else whole

    def steps(self) -> list[Step]:
        """The folder alone."""
        inputs = {"builder": "static", "tree": self._job.tree.digest, "without": sorted(OURS)}
        return [Step("source", inputs, lambda _before: Contents(self._job.copy(), skip=OURS))]
