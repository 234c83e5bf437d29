"""What the output of a failed build command shows, and what that means: the tables of `diagnosis`.

The first sign that is found counts, so special ones stand before general ones. A pattern's named
groups may be used in `cause`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sign:
    """What an output shows, and what that means."""

    pattern: str
    cause: str
    remedy: str


COMMIT_LOCK = "and commit the lock file."
# Told of a missing thing in FOR_MISSING by its name.
MISSING = (
    r"fatal error: (?P<thing>[\w./+-]+\.h): No such file",
    r"(?P<thing>pg_config) executable not found",
    r"Unable to find '(?P<thing>pg_config)'",
    r"(?P<thing>mysql_config|pg_config|(?:xslt|xml2|curl)-config): (?:command )?not found",
    r"No such file or directory: '(?P<thing>[\w+-]+)'",
    r"Please make sure the (?P<thing>libxml2) and libxslt development packages",
    r"Package '?(?P<thing>[\w./-]+?)'?,? (?:required by [^,]+, )?(?:was )?not found",
    r"No package '(?P<thing>[\w./-]+)' found",
    r"(?P<thing>pkg-config): (?:command )?not found",
    r"Unable to invoke (?P<thing>pkg-config)",
    r"(?P<thing>pkg-config) probably not installed",
    r"Can not find valid (?P<thing>pkg-config) name",
    r"can't find (?P<thing>Rust) compiler",
    r"linker `(?P<thing>cc)` not found",
    r"you need a (?P<thing>C compiler)",
    r"The headers or library files could not be found for (?P<thing>\w+)",
    r"gyp ERR! find (?P<thing>Python)",
    r"not found: (?P<thing>make|g\+\+|gcc)",
    r"\b(?P<thing>make|g\+\+|gcc|cc): (?:command )?not found",
)
OTHER_NAMES = {
    "libxml2": "xml2-config",
    "Rust": "rustc",
    "Python": "python3",
    "C compiler": "gcc",
    "cc": "gcc",
    "libpq": "libpq-fe.h",
}
SIGNS = (
    Sign(
        r"No space left on device|ENOSPC",
        "the disk is full",
        "Free some space: `autodeploy cache prune` removes what builds have not used for 30 days.",
    ),
    Sign(
        r"EBADENGINE|Unsupported engine|The engine \"node\" is incompatible"
        r"|ERR_PNPM_UNSUPPORTED_ENGINE",
        "a package, or the repository, asks for another version of Node.js or of its manager",
        "Set `engines.node` in package.json (or .nvmrc) to a version that all packages accept.",
    ),
    Sign(
        r"can only install with an existing package-lock.json",
        "there is no lock file",
        f"Run `npm install --package-lock-only` {COMMIT_LOCK}",
    ),
    Sign(
        r"package\.json and package-lock\.json .*are in sync|Missing: .* from lock file",
        "package.json and the lock file say different things",
        f"Run `npm install` {COMMIT_LOCK}",
    ),
    Sign(
        r"ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH",
        "package.json and pnpm-lock.yaml say different things",
        f"Run `pnpm install` {COMMIT_LOCK}",
    ),
    Sign(
        r"ERR_PNPM_NO_LOCKFILE", "there is no pnpm-lock.yaml", f"Run `pnpm install` {COMMIT_LOCK}"
    ),
    Sign(
        r"Your lockfile needs to be updated|YN0028|lockfile would have been modified",
        "package.json and yarn.lock say different things",
        f"Run `yarn install` {COMMIT_LOCK}",
    ),
    Sign(
        r"lockfile had changes, but lockfile is frozen",
        "package.json and bun's lock file say different things",
        f"Run `bun install` {COMMIT_LOCK}",
    ),
    Sign(
        r"The lockfile at `uv\.lock` needs to be updated|Unable to find lockfile at `uv\.lock`",
        "uv.lock is missing, or says something else than pyproject.toml",
        f"Run `uv lock` {COMMIT_LOCK}",
    ),
    Sign(
        r"pyproject\.toml changed significantly since poetry\.lock",
        "poetry.lock and pyproject.toml say different things",
        f"Run `poetry lock` {COMMIT_LOCK}",
    ),
    Sign(
        r"EINTEGRITY|[Hh]ash mismatch|checksum mismatch|THESE PACKAGES DO NOT MATCH THE HASHES"
        r"|Integrity check(?:sum)? failed|YN0018",
        "a package is not the one that the lock file was made with",
        "Find out why before anything else: a registry's mirror may be broken, or the package was "
        "replaced. If the new one is right, lock it again.",
    ),
    Sign(
        r"missing go\.sum entry|updates to go\.(?:mod|sum) needed",
        "go.mod and go.sum are not complete",
        "Run `go mod tidy` and commit go.mod and go.sum.",
    ),
    Sign(
        r"go\.mod requires go >= (?P<version>[\w.]+)",
        "go.mod asks for Go {version}",
        "Lower the version in go.mod to one that can be had.",
    ),
    Sign(
        r"inconsistent vendoring",
        "vendor/ and go.mod say different things",
        "Run `go mod vendor` and commit vendor/.",
    ),
    Sign(
        r"\bE?40[13]\b.*(?:Unauthorized|Forbidden)|code E40[13]|status: ?\(?40[13]|ENEEDAUTH",
        "the registry asks for credentials, or refuses those that it got",
        "Builds get no credentials of yours: use a registry's address that holds some, or commit "
        "the package.",
    ),
    Sign(
        r"code E404|404 Not Found|ERR_PNPM_FETCH_404|HTTP 404"
        r"|was not found in the package registry",
        "the registry has no such package, or hides a private one from those who do not log in",
        "Correct the name, or remove the package.",
    ),
    Sign(
        r"code ETARGET|No matching version|there is no version of|unknown revision",
        "the registry has the package, but no such version",
        "Ask for a version that exists; for one that is new, the registry's mirror may be behind.",
    ),
    Sign(
        r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|Could not resolve host"
        r"|Failed to fetch: |error sending request|dial tcp|i/o timeout|Temporary failure in name",
        "the registry was not reached",
        "Check this machine's network, proxy and registry settings, and deploy again.",
    ),
    Sign(
        r"self[- ]signed certificate|unable to get local issuer|invalid peer certificate"
        r"|certificate signed by unknown authority",
        "the registry's certificate is not one that this machine trusts",
        "Name your authority's file in SSL_CERT_FILE and NODE_EXTRA_CA_CERTS.",
    ),
    Sign(
        r"ERESOLVE",
        "packages want different versions of one other package",
        f"Resolve it with `npm install` {COMMIT_LOCK}",
    ),
    Sign(
        r"Missing script: \"(?P<name>[^\"]+)\"|ERR_PNPM_NO_SCRIPT[^:]*?: ?(?P<pnpm>\S+)",
        "package.json has no script of that name",
        "Add the script, or set `build_command` in autodeploy.yml to one that there is.",
    ),
    Sign(
        r"Cannot find module '(?P<name>[^']+)'",
        "the module {name} is not installed here",
        "Add it to `dependencies` (`devDependencies`, if only the build needs it), and lock.",
    ),
    Sign(
        r"ModuleNotFoundError: No module named '(?P<name>[^']+)'",
        "the module {name} is not installed here",
        "Add its package to the repository's requirements; in a build of Python, declare it in "
        "`build-system.requires`.",
    ),
    Sign(
        r"(?:no required module provides|cannot find module providing) package (?P<name>[^;:\s]+)",
        "go.mod does not name {name}",
        "Run `go mod tidy` and commit go.mod and go.sum.",
    ),
    Sign(
        r"no wheels with a matching|has no usable wheels|building source distributions is disabled"
        r"|[Bb]uilding from source is disabled|no wheel for",
        "a package has no wheel for the host's Python, and cannot be built here",
        "Pin a version that has one, or install the host's Python version on this machine.",
    ),
    Sign(
        r"No solution found when resolving",
        "the requirements cannot be met together",
        "Read which packages the output names, and widen what is asked of one.",
    ),
    Sign(
        r"Could not read package\.json|no such file or directory, open '[^']*package\.json'",
        "there is no package.json where the command runs",
        "Set the application's folder with `--path`.",
    ),
    Sign(
        r"sh: \d+: \S+: not found|\S+: command not found|spawn \S+ ENOENT",
        "a program that the command needs is not there",
        "Add the package that has it to the dependencies (also `devDependencies` are there in a "
        "build), or install it on this machine.",
    ),
    Sign(
        r"EACCES|Permission denied|PermissionError",
        "the build user may not read or write a file",
        "Builds run as a user of their own and write to the source's copy and their home alone; a "
        "tool of this machine must be readable by everyone.",
    ),
)
