"""Every error that autodeploy raises on purpose.

AutodeployError
├── UsageError                       wrong command line or settings (exit code 2)
├── StateError                       the journal cannot be read or written
│   ├── LeaseHeld                    another controller works on the application
│   ├── LeaseLost                    another controller has taken the application over
│   ├── StateTooNew                  a newer version of autodeploy has written the log
│   ├── NotDeployed                  no such application or deployment
│   ├── NotTheNewest                 the id is not that of the application's newest change
│   ├── NetworkInUse                 other environments are in the network
│   ├── RetryRefused                 nothing that could go on
│   ├── StateExists                  there is a state that another would take the place of
│   ├── RollbackRefused              nothing that a rollback could lead to
│   ├── SecretsLost                  the secrets that the journal names are not kept any more
│   ├── TransitionRefused            a state change that is not drawn
│   └── NoDatabase                   the application has no managed database
├── SecretsMissing                   the settings ask for secrets that nobody has set
├── DataStays                        data was migrated, and a rollback leaves it so
├── DatabaseFailed                   a database's client did not do its work
├── DumpRefused                      the file is no whole dump of the database's engine
├── ReconError
│   ├── SourceRefused                the form of the URL is not accepted
│   ├── NotARepository               nothing there that git can read
│   ├── RefNotFound                  no such branch, tag or commit
│   ├── NetworkUnreachable           no answer from the repository's host
│   ├── PermissionRefused            the repository's host says no
│   ├── EmptyRepository              no commit or no file
│   ├── LargeFilesMissing            files in Git LFS are not to be had
│   ├── StackUnknown                 no ecosystem recognised
│   └── SeveralApplications          the repository holds several and none is chosen
├── BuildError
│   ├── ToolMissing                  the build tool is not to be had
│   ├── BuildFailed                  the build command failed
│   └── RuntimeUnsupported           the host cannot run the version asked for
├── PlanOutdated                     the plan is not of what there is now (exit code 3)
├── CostRefused                      it would cost more than the settings allow
├── PricesRefused                    what AWS says of prices is no whole list
├── CloudError
│   ├── CredentialsMissing           no credentials to use
│   ├── CredentialsExpired           credentials that were good once
│   ├── CredentialsRefused           credentials that AWS does not accept
│   ├── AccessDenied                 the identity may not do this
│   ├── RegionUnavailable            not enabled for the account, or no such region
│   ├── EndpointUnreachable          the API did not answer
│   ├── EndpointWrong                what answers is not AWS's API
│   ├── Throttled                    too many calls, also after many pauses
│   ├── QuotaExceeded                the account's limit is reached
│   ├── CapacityMissing              AWS has no such instance now
│   ├── TypeNotOffered               the region or the zone has no such type
│   ├── ImageGone                    AWS has no such image
│   ├── RangesOverlap                a network's addresses are in use
│   ├── NameTaken                    something that is not ours has the name
│   ├── SecretInDeletion             the name belongs to a secret that waits for its end
│   ├── NetworkRefused               the network that was named cannot be used
│   └── ResourceFailed               a resource did not become usable
├── HostError
│   ├── HostUnreachable              SSH did not answer in time
│   ├── HostKeyMismatch              another machine answers
│   ├── HostKeyLost                  nobody here knows the key that a host must prove
│   ├── HostsUnfit                   hosts that exist cannot be used
│   ├── DiskFull                     a host has no room
│   ├── PackagesLocked               another program has a host's packages
│   ├── PackagesHalfDone             a host's packages are half installed
│   ├── PythonMissing                a host has no Python for Ansible
│   ├── SudoRefused                  the user may not become root
│   └── TaskFailed                   an Ansible task failed
├── UnhealthyRelease                 the application does not answer as it should
├── LabError
│   ├── LabUnsupported               this machine cannot run the lab
│   └── LabBroken                    the lab does not work as it should
├── MachineRefused                   this machine has no room, or does not allow it
├── DataUnreadable                   what was read is not in the form that it should have
├── Interrupted                      Ctrl-C (exit code 130)
└── InternalError                    a bug of ours
"""

from __future__ import annotations

from typing import Any


class AutodeployError(Exception):
    """What happened, where, why, and what to do about it.

    Attributes:
        message: What happened, one sentence.
        cause: Why, as far as known: the underlying message or the end of an output.
        step: The step of the agent in which it happened.
        host: The host on which it happened, None where none was involved.
        remediation: What the user can do.
        exit_code: The exit code of the command line.
    """

    exit_code = 1
    default_remediation = "Run the command again with --debug and read the traceback."

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        step: str | None = None,
        host: str | None = None,
        remediation: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.step = step
        self.host = host
        self.remediation = remediation or self.default_remediation

    def add(self, line: str) -> None:
        """Say more of the cause."""
        self.cause = "\n".join(filter(None, [self.cause, line]))

    def __str__(self) -> str:
        return f"{self.message}: {self.cause}" if self.cause else self.message


class UsageError(AutodeployError):
    """The command line or the settings are wrong."""

    exit_code = 2
    default_remediation = "See `autodeploy COMMAND --help`."


class StateError(AutodeployError):
    """The journal cannot be read or written."""

    default_remediation = "Check the permissions and the free space of AUTODEPLOY_HOME."


class LeaseHeld(StateError):
    """Another controller works on the application."""

    default_remediation = (
        "Wait for it to end, or give --lock-wait SECONDS to wait; where its machine is gone, "
        "`autodeploy unlock APP`."
    )


class LeaseLost(StateError):
    """Another controller has taken the application over."""

    default_remediation = (
        "Nothing more was written. `autodeploy status APP` shows what the other one does; when it "
        "has ended, run the command again."
    )
    unclaimed = (
        "Nothing more was changed. `autodeploy status APP` shows what was left, and names the way "
        "on."
    )
    """The remediation where nobody else is known to have it."""


class StateTooNew(StateError):
    """A newer version of autodeploy has written the log."""

    default_remediation = "Use that version of autodeploy, or a newer one, on this machine too."


class NotDeployed(StateError):
    """No such application or deployment."""

    default_remediation = "`autodeploy status` lists what is deployed."


class NotTheNewest(StateError):
    """The deployment is not the newest change of its application."""

    default_remediation = (
        "`autodeploy rollback APP --to RELEASE` goes further back; `autodeploy destroy APP` "
        "removes all of it."
    )


class NetworkInUse(StateError):
    """Other environments of the application live in the network that would be removed."""

    default_remediation = (
        "Remove those first: `autodeploy destroy APP -e ENVIRONMENT`; `autodeploy environments ls` "
        "shows all."
    )


class RetryRefused(StateError):
    """There is nothing that could go on."""

    default_remediation = "`autodeploy deploy REPOSITORY` begins anew, with what is there."


class StateExists(StateError):
    """There is a state already, and another would take its place."""

    default_remediation = (
        "`autodeploy status APP` shows it; `autodeploy drift APP` compares it with what there is."
    )


class RollbackRefused(StateError):
    """There is nothing that a rollback could lead to."""

    default_remediation = "`autodeploy status` shows what was deployed."


class SecretsLost(StateError):
    """The secrets that the journal names are not kept any more."""

    default_remediation = (
        "Give all of them anew in one command: `autodeploy secrets ls APP` names them, and "
        "`autodeploy secrets import APP FILE` sets what a file has."
    )


class TransitionRefused(StateError):
    """A state change that the state machine does not draw."""

    default_remediation = "`autodeploy status APP` shows the state; start from there."


class NoDatabase(StateError):
    """The application has no managed database."""

    default_remediation = (
        "Use the database's own clients, with the address that the application has from its "
        "settings; `autodeploy run APP -- COMMAND` runs one as the application's processes run."
    )


class SecretsMissing(AutodeployError):
    """The settings ask for secrets that nobody has set."""

    default_remediation = "`autodeploy secrets set APP NAME` asks for its value."


class DataStays(AutodeployError):
    """Data was migrated for a release that is to be undone, and stays as it is then."""

    default_remediation = (
        "See that the release of before can work with it, then agree: --yes-data. Else put the "
        "data back first, from a snapshot."
    )


class DatabaseFailed(AutodeployError):
    """A database's client on this machine did not do its work."""

    default_remediation = (
        "Mend what the client says, then run the command again; `autodeploy db shell APP` goes the "
        "same way."
    )


class DumpRefused(AutodeployError):
    """The file is no whole dump of what the application's database is; nothing was changed."""

    default_remediation = "Give a file that `autodeploy db backup APP` has written."


class ReconError(AutodeployError):
    """The repository could not be read."""

    default_remediation = (
        "`git clone URL` by hand must work on this machine; then run the command again."
    )


class SourceRefused(ReconError):
    """The form of the repository's address is not accepted."""

    exit_code = 2
    default_remediation = (
        "Give https://HOST/PATH, git@HOST:PATH, ssh://HOST/PATH, git://HOST/PATH, "
        "file:///PATH or a local folder."
    )


class NotARepository(ReconError):
    """Nothing there that git can read."""

    exit_code = 2
    default_remediation = "Check the address: `git ls-remote URL` must list branches."


class RefNotFound(ReconError):
    """No such branch, tag or commit."""

    exit_code = 2
    default_remediation = "`git ls-remote URL` lists the branches and tags there are."


class NetworkUnreachable(ReconError):
    """No answer from the repository's host."""

    default_remediation = "Check the name of the host and this machine's network, then try again."


class PermissionRefused(ReconError):
    """The repository's host says no."""

    default_remediation = (
        "For ssh load a key that may read it into the agent; for https configure a git "
        "credential helper with a token."
    )


class EmptyRepository(ReconError):
    """The repository holds no commit or no file."""

    exit_code = 2
    default_remediation = "Commit and push the application first."


class LargeFilesMissing(ReconError):
    """Files of the repository are in Git LFS and are not to be had."""

    default_remediation = (
        "Check that its own server has them: `git lfs push --all origin` from a full clone; for a "
        "folder on this machine, `git lfs pull` in it."
    )


class StackUnknown(ReconError):
    """No ecosystem was recognised."""

    exit_code = 2
    default_remediation = (
        "Add the ecosystem's package file (package.json, requirements.txt, pyproject.toml, "
        "go.mod), or say `language` and `processes` in autodeploy.yml."
    )


class SeveralApplications(ReconError):
    """The repository holds several applications and none is chosen."""

    exit_code = 2
    default_remediation = "Choose one with --path."


class BuildError(AutodeployError):
    """The artifact could not be built."""

    default_remediation = "Mend what the message names in the repository, and build again."


class ToolMissing(BuildError):
    """The build tool is not to be had."""

    default_remediation = "Install the tool on this machine and try again."


class BuildFailed(BuildError):
    """The build command failed.

    Attributes:
        command: The command, as one shell line.
        returncode: Its exit code, as shells tell it; None where it ran out of time.
        output: The end of its output.
        likely: Why, as far as the output shows; None where it does not.
    """

    default_remediation = "Run the command in a clone of the repository and mend what it reports."

    def __init__(
        self,
        command: str,
        returncode: int | None,
        output: str,
        *,
        likely: str | None = None,
        remediation: str | None = None,
    ) -> None:
        ending = "ran out of time" if returncode is None else f"ended with exit code {returncode}"
        guess = f"likely, {likely}" if likely else ""
        cause = "\n".join(part for part in (output, guess) if part)
        super().__init__(
            f"`{command}` {ending}", cause=cause or None, step="build", remediation=remediation
        )
        self.command = command
        self.returncode = returncode
        self.output = output
        self.likely = likely


class RuntimeUnsupported(BuildError):
    """The host cannot run the version that the repository asks for."""

    default_remediation = (
        "Widen the version that the repository declares, or set `image` in autodeploy.yml to a "
        "distribution that has it."
    )


class PlanOutdated(AutodeployError):
    """The plan is not of what there is now: of another application, or of a world that is gone."""

    exit_code = 3
    default_remediation = (
        "Plan again, and look at what it says: `autodeploy plan REPOSITORY --out FILE`, with the "
        "options that the deployment is to have."
    )


class CostRefused(AutodeployError):
    """The deployment would cost more in a month than the settings allow."""

    default_remediation = (
        "`autodeploy plan REPOSITORY` shows what costs how much, and how it would be less; or give "
        "a higher --max-monthly-cost."
    )


class PricesRefused(AutodeployError):
    """What AWS says of prices is no whole list: the one before it holds."""

    default_remediation = (
        "Try again later; until then, what autodeploy comes with, or was read before, holds: "
        "`autodeploy prices show`."
    )


class CloudError(AutodeployError):
    """AWS refused or failed.

    Attributes:
        action: The call, such as `ec2:RunInstances`; None where no single one.
        code: AWS's own error code; None where there was no answer.
    """

    default_remediation = "Read AWS's message; `autodeploy retry APP` goes on with what is there."

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        action: str | None = None,
        code: str | None = None,
        remediation: str | None = None,
    ) -> None:
        super().__init__(message, cause=cause, step=action, remediation=remediation)
        self.action = action
        self.code = code


class CredentialsMissing(CloudError):
    """No credentials to use."""

    default_remediation = (
        "Log in: `aws sso login`, `aws configure`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
        "--profile names one of several. `--target lab` needs none."
    )


class CredentialsExpired(CloudError):
    """Credentials that were good once."""

    default_remediation = (
        "Renew them: `aws sso login` or `aws login` with the same --profile, or assume the role "
        "again. Then `autodeploy retry ID` (`autodeploy status` shows the ID), or the same command "
        "again, goes on from here: what is made is kept."
    )


class CredentialsRefused(CloudError):
    """Credentials that AWS does not accept."""

    default_remediation = (
        "`aws sts get-caller-identity` must answer with the same --profile and --region: check "
        "the keys or the role, this machine's clock, and that the region is enabled."
    )


class AccessDenied(CloudError):
    """The identity may not do this."""

    default_remediation = "Give the identity what `autodeploy iam-policy` prints."


class RegionUnavailable(CloudError):
    """The region is not enabled for the account, or there is none of that name."""

    default_remediation = (
        "Enable the region (AWS Regions, in the account's settings), or choose another --region."
    )


class EndpointUnreachable(CloudError):
    """The API did not answer."""

    default_remediation = "Check the network; for the lab, `autodeploy lab status`."


class EndpointWrong(CloudError):
    """What answers is not AWS's API, or its address is none."""

    default_remediation = (
        "Check AWS_ENDPOINT_URL, the `endpoint_url` of the profile, and the proxy of this machine."
    )


class Throttled(CloudError):
    """AWS refuses further calls for a while, also after many pauses."""

    default_remediation = (
        "Deploy again in some minutes: it goes on. Something else in the account calls AWS often."
    )


class QuotaExceeded(CloudError):
    """The account's limit is reached."""

    default_remediation = "Free such a resource, or ask AWS for a higher quota (Service Quotas)."


class CapacityMissing(CloudError):
    """AWS has no such instance now."""

    default_remediation = "Try another `--instance-type` or --region, or try again later."


class TypeNotOffered(CloudError):
    """The region or the zone has no such instance type."""

    exit_code = 2
    default_remediation = (
        "`aws ec2 describe-instance-type-offerings` lists what the region has: choose another "
        "--instance-type or --region."
    )


class ImageGone(CloudError):
    """AWS has no such image."""

    default_remediation = "Try another --image or --region: Debian does not publish that one here."


class RangesOverlap(CloudError):
    """A network's addresses are in use."""

    default_remediation = (
        "Something else has been made in the same network: deploy again, and free addresses are "
        "looked for anew; in a VPC of your own (--vpc-id) it needs room."
    )


class NameTaken(CloudError):
    """Something that is not ours has the name."""

    default_remediation = "Delete or rename it, or deploy under another --name."


class SecretInDeletion(CloudError):
    """The name belongs to a secret that waits for its end."""

    default_remediation = (
        "End it now: `aws secretsmanager delete-secret --force-delete-without-recovery "
        "--secret-id NAME`; or wait until its recovery window has passed."
    )


class NetworkRefused(CloudError):
    """The network that was named cannot be used."""

    default_remediation = "Give the --vpc-id of another network, or none for one of its own."


class ResourceFailed(CloudError):
    """A resource did not become usable."""

    default_remediation = (
        "Look at it in AWS's console; `autodeploy drift APP` shows what else is otherwise. "
        "Deploying again goes on with what is there, `autodeploy destroy APP` removes it."
    )


class HostError(AutodeployError):
    """A host could not be worked on."""

    default_remediation = (
        "`autodeploy ssh APP` must let you in and `sudo true` work there; then deploy again: what "
        "is done is kept."
    )


class HostUnreachable(HostError):
    """SSH did not answer in time."""

    default_remediation = (
        "Check that the host runs (where it restarts, it is waited for) and that its security "
        "group lets this machine's address in on port 22; then deploy again: what is done is kept."
    )


class HostKeyMismatch(HostError):
    """Another machine answers at the host's address."""

    default_remediation = "Do not go on before you know why: `autodeploy destroy` and deploy anew."


class HostKeyLost(HostError):
    """Nobody here knows the key that a host must prove, so nobody can tell whether it is ours."""

    default_remediation = (
        "Work from the machine that deployed it, or put its folder below AUTODEPLOY_HOME's "
        "`applications/` back; else `autodeploy destroy` and deploy anew."
    )


class HostsUnfit(HostError):
    """Hosts that exist cannot be used as they are."""

    default_remediation = "Mend what is named for each host, or give other hosts."


class DiskFull(HostError):
    """A host has no room for what is to be written."""

    default_remediation = (
        "Make room there (`du -xh / | sort -h | tail` shows where it went; `sudo apt-get clean` "
        "and `sudo journalctl --vacuum-size=100M` free some), or give the host a larger disk; then "
        "deploy again: what is done is kept."
    )


class PackagesLocked(HostError):
    """Another program installs packages on a host, and was waited for in vain."""

    default_remediation = (
        "Let it end: `sudo fuser -v /var/lib/dpkg/lock-frontend /var/lib/apt/lists/lock` on the "
        "host names it; then deploy again: what is done is kept."
    )


class PackagesHalfDone(HostError):
    """A host's package manager was ended in its midst, and installs nothing until that is done."""

    default_remediation = (
        "Finish it on the host: `sudo dpkg --configure -a`; then deploy again: what is done is "
        "kept."
    )


class PythonMissing(HostError):
    """A host has no Python, which Ansible runs with."""

    default_remediation = (
        "Install it there: `sudo apt-get install python3` (after `sudo apt-get update`); then "
        "deploy again."
    )


class SudoRefused(HostError):
    """The user that logs in may not become root without a password."""

    default_remediation = (
        "Allow it on the host, with `visudo -f /etc/sudoers.d/autodeploy`: "
        "`USER ALL=(ALL) NOPASSWD: ALL`; then deploy again."
    )


class TaskFailed(HostError):
    """An Ansible task failed on a host.

    Attributes:
        reported: What a module of ours said about the failure, empty where it said nothing.
    """

    default_remediation = "Mend what the message names, then deploy again: what is done is kept."

    def __init__(
        self, message: str, *, cause: str | None, step: str, host: str, reported: dict[str, Any]
    ) -> None:
        super().__init__(message, cause=cause, step=step, host=host)
        self.reported = reported


class UnhealthyRelease(AutodeployError):
    """The application does not answer as it should; it got no traffic."""

    default_remediation = (
        "Read the application's last lines, which are told with this; it must listen on $PORT "
        "and answer the health path with a status that counts as healthy."
    )


class LabError(AutodeployError):
    """The lab could not do its work."""

    default_remediation = "`autodeploy lab status` and `autodeploy doctor` show what is wrong."


class LabUnsupported(LabError):
    """This machine cannot run the lab."""

    default_remediation = "`autodeploy doctor` names what is missing and how to get it."


class LabBroken(LabError):
    """The lab does not work as it should."""

    default_remediation = "`autodeploy lab down`, then `autodeploy lab up`."


class MachineRefused(AutodeployError):
    """This machine has no room or no memory, or does not allow what was to be done."""

    default_remediation = (
        "Look at what the message names: the free space (`df -h`), the memory, the permissions of "
        "AUTODEPLOY_HOME; then run the command again."
    )


class DataUnreadable(AutodeployError):
    """What was read, a file or an answer, is not in the form that it should have."""

    default_remediation = (
        "Run the command again with --debug: the traceback names what was read. What lies below "
        "AUTODEPLOY_HOME's `cache/` may be deleted, and is made again."
    )


class Interrupted(AutodeployError):
    """The user stopped the command."""

    exit_code = 130
    default_remediation = "`autodeploy status APP` names the commands that go on, or back."


class InternalError(AutodeployError):
    """A bug of ours."""

    default_remediation = (
        "Run the command again with --debug, and report the traceback: it is not your fault."
    )
