"""A release as systemd units: texts only, nothing is read or written here.

APP-RELEASE.target               starts and stops the release as a whole
APP-PROCESS-RELEASE.service      one a process, part of the target
APP-JOB.RELEASE.timer            when a job runs, part of the target
APP-JOB.RELEASE.service          the job, where the release has the traffic
APP-command.RELEASE.service      the release command, run once before the target
APP-hook.RELEASE.service         a hook, gone after it
APP-drain.RELEASE.service        made by the proxy role: stops a release that lost its traffic
"""

from __future__ import annotations

import posixpath
import re

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "%": "%%"}

SIMPLE = re.compile(r"[\w./][\w./-]*([ \t][^;&|<>()`{}!#\n]*)?")
BUILTINS = frozenset(
    """. : alias bg break cd chdir command continue echo eval exec exit export false fg getopts hash
    jobs kill local printf pwd read readonly return set shift test times trap true type ulimit
    umask unalias unset wait if then else elif fi do done case esac for in while until""".split()  # noqa: SIM905
)
WRAPPERS = {"npm", "npx", "yarn", "pnpm", "bun"}

TARGET = """\
[Unit]
Description={application}, release {release}
Wants={wants}

[Install]
WantedBy=multi-user.target

[X-Autodeploy]
Application={application}
Release={release}
"""

UNIT = """\
[Unit]
Description={application}, release {release}: {process}
After=network.target
{unit}

[Service]
{service}
User=app-{application}
Group=app-{application}
WorkingDirectory={folder}
Environment={environment}
EnvironmentFile=-/srv/{application}/environment/{release}.env
ExecStart=:{command}
SyslogIdentifier={application}-{process}
KillMode={kill_mode}
TimeoutStopSec=30
LimitNOFILE=65536
{sandbox}
[X-Autodeploy]
Application={application}
Release={release}
"""

LONG_RUNNING = """\
Type=exec
Restart={restart}
RestartSec=2"""

TIMER = """\
[Unit]
Description={application}, release {release}: when {job} runs
PartOf={target}

[Timer]
{calendar}
AccuracySec=1s

[X-Autodeploy]
Application={application}
Release={release}
"""

# The release that has the traffic alone runs its jobs: another's timer runs while it comes or goes.
# It waits for a run that another release began, and is no part of the target, so that it ends.
JOB = """\
Type=oneshot
TimeoutStartSec=infinity
ExecCondition=/usr/bin/test /srv/{application}/current -ef {folder}"""

LIMITS = """\
PartOf={target}
StartLimitIntervalSec=120
StartLimitBurst=20"""

# What stays open, and why: memory may be made executable (Node's and PyPy's compilers), the
# network is there to be used, netlink lists interfaces, and /proc/meminfo sizes heaps and pools.
SANDBOX = """\
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths={folder} /srv/{application}/shared
CacheDirectory={application}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""


def quote(word):
    """One word of a unit file: systemd takes quotes, backslashes and % away again."""
    return '"' + "".join(ESCAPES.get(one, _control(one)) for one in word) + '"'


def _control(character):
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x20 or code == 0x7F else character


def is_simple(command):
    """Whether the shell would do no more than start one program: then that can replace it."""
    return bool(SIMPLE.fullmatch(command)) and command.split()[0] not in BUILTINS


def shell_of(command):
    """The words that run a command, and the kill mode under which it can end in order.

    A program that replaces the shell gets the stop signal itself and tells its own children; a
    shell, and npm and the like, would end without telling theirs, so there all get it.
    """
    if is_simple(command) and command.split()[0] not in WRAPPERS:
        return ["/bin/sh", "-c", quote(f"exec {command}")], "mixed"
    return ["/bin/sh", "-c", quote(command)], "control-group"


def target_name(application, release):
    return f"{application}-{release}.target"


def process_name(application, process, release):
    return f"{application}-{process}-{release}.service"


def command_name(application, release):
    return f"{application}-command.{release}.service"


def hook_name(application, release):
    return f"{application}-hook.{release}.service"


def job_name(application, job, release):
    return f"{application}-{job}.{release}.service"


def timer_name(application, job, release):
    return f"{application}-{job}.{release}.timer"


def drain_name(application, release):
    return f"{application}-drain.{release}.service"


def folder_of(application, release):
    return f"/srv/{application}/releases/{release}"


def environment(params):
    """Variables that every process has; HOME is the one folder that it may write to."""
    folder = folder_of(params["application"], params["release"])
    own = [posixpath.join(folder, path) for path in params["path"]]
    cache = f"/var/cache/{params['application']}"
    return {
        "PATH": ":".join([*own, SYSTEM_PATH]),
        "HOME": folder,
        "XDG_CACHE_HOME": cache,
        "PYTHONPYCACHEPREFIX": f"{cache}/python",
        **params["variables"],
    }


def _unit(params, process, before, command, unit, service):
    application, release = params["application"], params["release"]
    folder = folder_of(application, release)
    values = environment(params).items()
    shell, kill_mode = shell_of(command)
    return UNIT.format(
        application=application,
        release=release,
        process=process,
        folder=folder,
        unit=unit,
        service=service,
        command=" ".join([*before, *shell]),
        kill_mode=kill_mode,
        environment=" ".join(quote(f"{name}={value}") for name, value in values),
        sandbox=SANDBOX.format(folder=folder, application=application),
    )


def process_unit(params, process, command):
    """The unit of one process; PORT is ours, whatever the environment file says."""
    port = ["/usr/bin/env", quote(f"PORT={params['port']}")] if process == "web" else []
    limits = LIMITS.format(target=target_name(params["application"], params["release"]))
    service = LONG_RUNNING.format(restart=params["restart"]) + _memory(params)
    return _unit(params, process, port, command, limits, service)


def _memory(params):
    return f"\nMemoryMax={params['memory']}" if params["memory"] else ""


def job_unit(params, job, command):
    """The unit of one run of a job: never two at once, of whatever releases."""
    application = params["application"]
    folder = folder_of(application, params["release"])
    lock = ["/usr/bin/flock", "--no-fork", f"/var/cache/{application}/.{job}.lock"]
    service = JOB.format(application=application, folder=folder) + _memory(params)
    return _unit(params, job, lock, command, "StartLimitIntervalSec=0", service)


def job_units(params):
    """Text by file name: a service and a timer for each job."""
    application, release = params["application"], params["release"]
    found = {}
    for job, said in sorted(params["jobs"].items()):
        found[job_name(application, job, release)] = job_unit(params, job, said["command"])
        found[timer_name(application, job, release)] = TIMER.format(
            application=application,
            release=release,
            job=job,
            target=target_name(application, release),
            calendar="\n".join(f"OnCalendar={one}" for one in said["calendar"]),
        )
    return found


def command_unit(params):
    """The unit of the release command."""
    service = "Type=oneshot\nTimeoutStartSec=1h"
    command = params["release_command"]
    return _unit(params, "command", [], command, "StartLimitIntervalSec=0", service)


def hook_unit(params, command, facts):
    """The unit of a hook; it is told the facts in its environment."""
    told = ["/usr/bin/env", *(quote(f"{name}={value}") for name, value in sorted(facts.items()))]
    service = "Type=oneshot\nTimeoutStartSec=10min"
    return _unit(params, "hook", told, command, "StartLimitIntervalSec=0", service)


def units(params):
    """Text by file name: the target, one service a process, and the jobs'; none for none."""
    application, release = params["application"], params["release"]
    if not params["processes"] and not params["jobs"]:
        return {}
    services = {
        process_name(application, process, release): process_unit(params, process, command)
        for process, command in sorted(params["processes"].items())
    }
    jobs = job_units(params)
    wanted = [*services, *timers(jobs)]
    target = TARGET.format(application=application, release=release, wants=" ".join(wanted))
    return {target_name(application, release): target, **services, **jobs}


def timers(names):
    """Those of units that are timers, sorted."""
    return sorted(name for name in names if name.endswith(".timer"))


def jobs_of(names):
    """The services that timers among the units start, sorted."""
    return [f"{name.removesuffix('.timer')}.service" for name in timers(names)]


def owner(text):
    """Application and release in a unit's text; None where it is none of ours."""
    _before, found, section = text.partition("\n[X-Autodeploy]\n")
    if not found:
        return None
    values = dict(line.split("=", 1) for line in section.splitlines() if "=" in line)
    return values.get("Application"), values.get("Release")
