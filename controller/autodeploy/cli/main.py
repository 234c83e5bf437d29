"""The command `autodeploy`: a table of commands, and how their errors are shown."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from autodeploy import __version__
from autodeploy.cli.guessing import Guessing
from autodeploy.errors import AutodeployError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Nothing of ours is a plugin of pydantic's, and looking for some takes a tenth of a start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
COMPLETE = "_AUTODEPLOY_COMPLETE"
"""What a shell sets that asks for completions."""
COMMANDS = {
    "deploy": "Take a repository to a running application.",
    "plan": "Show what a deployment would do, and change nothing.",
    "cost": "Show what applications cost in a month.",
    "prices": "The prices that costs are reckoned by.",
    "iam-policy": "Print the IAM policy that a deployment needs.",
    "analyze": "Show what a repository is made of, and why.",
    "init": "Write a first autodeploy.yml.",
    "ci": "Write a workflow for GitHub or GitLab.",
    "config": "Show and check an application's settings.",
    "schema": "Print the JSON Schema of autodeploy.yml.",
    "status": "Show applications and their deployments.",
    "logs": "Show what an application's processes have said.",
    "environments": "All environments of all applications: how long each is wanted.",
    "metrics": "Show what was measured of an application.",
    "releases": "Show an application's releases: which is live, what each changed.",
    "report": "Write a page of a deployment: timeline, infrastructure, cost, security, log.",
    "ui": "Serve pages of all applications and deployments, live, to this machine.",
    "sbom": "Print what an application is made of, as a CycloneDX document.",
    "audit": "Show how secure an application is that is live.",
    "drift": "Show what is otherwise than an application was left.",
    "orphans": "Show what bears our tags and is in no state of this machine.",
    "adopt": "Make a state of what bears an application's tags, where its own is lost.",
    "ssh": "Run a command, or a shell, on an application's host.",
    "run": "Run a command as an application's processes run.",
    "restart": "Start an application's processes anew.",
    "scale": "Say how many of an application's processes run.",
    "cron": "Show what of an application runs at given times.",
    "secrets": "Variables whose values nobody is to see.",
    "env": "Show the variables of an application's processes.",
    "hosts": "What an application runs on: show, upgrade, replace.",
    "maintenance": "Show visitors a page in place of an application.",
    "db": "An application's database: shell, url, backup, restore.",
    "access": "Run a command here while an application's hosts let SSH in.",
    "inventory": "Print an application's Ansible inventory.",
    "retry": "Let an application's newest deployment go on where it failed.",
    "rollback": "Undo an application's newest deployment.",
    "destroy": "Remove an application and all that it has.",
    "unlock": "Take an application from a controller that is gone.",
    "lab": "The AWS-shaped cloud on this machine.",
    "cache": "What builds keep on this machine.",
    "completion": "Print what lets a shell complete our commands.",
    "mcp": "Serve AI agents; a human approves what they would change.",
    "doctor": "Check what this machine has and what is missing.",
}


class LazyGroup(Guessing):
    """Imports a command's module only when the command is used."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command `name`, from the module of the same name."""
        if name not in COMMANDS:
            return None
        called = name.replace("-", "_")
        module = importlib.import_module(f"autodeploy.cli.{called}")
        command: click.Command = getattr(module, called)
        return command

    def shell_complete(self, context: click.Context, begun: str) -> list[CompletionItem]:
        """As click's, without the import of each command."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=said)
            for name, said in COMMANDS.items()
            if name.startswith(begun)
        ]
        return [*found, *click.Command.shell_complete(self, context, begun)]

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands from the table, so that `--help` imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def autodeploy(context: click.Context, *, debug: bool) -> None:
    """Take a git repository to a running application on AWS, and back again.

    \b
    Examples:
      autodeploy deploy https://github.com/me/shop --target lab
      autodeploy plan .
      autodeploy status
    """
    context.obj = debug
    if context.invoked_subcommand is None:
        from autodeploy.cli import beginning

        click.echo("\n".join(beginning.here()))


def main() -> None:
    """Run the command line; every error ends as a message and an exit code."""
    # Nearly all that is made lives to the end: looking for garbage takes a fifth of every start.
    gc.set_threshold(100_000)
    _end_in_order()
    arguments = _debug_first(sys.argv[1:])
    # Tools of the lab are there, and a user's PATH may leave it out.
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    try:
        code = autodeploy.main(arguments, standalone_mode=False, complete_var=COMPLETE)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        _document(UsageError(error.format_message()), arguments)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(_show(error, arguments))
    finally:
        # And at the end, a third of a second where AWS was called.
        gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)


def _debug_first(arguments: list[str]) -> list[str]:
    """`--debug` is taken wherever it stands, but for words that are meant for a host."""
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--debug" not in ours:
        return arguments
    rest = [one for one in ours if one != "--debug"]
    return ["--debug", *rest, *arguments[len(ours) :]]


def _document(error: AutodeployError, arguments: list[str]) -> None:
    """What programs are told of an error, where they were promised anything."""
    from autodeploy.cli import output

    with suppress(OSError):  # It may be stdout that has failed.
        if "--events" in arguments:
            output.outcome(output.failure(error))
        elif "--json" in arguments:
            output.document(output.failure(error))


def _end_in_order() -> None:
    """Whoever ends us, or closes the terminal, ends what we have started too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # `nohup` wants the second ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show(error: Exception, arguments: list[str]) -> int:
    from autodeploy.cli import output
    from autodeploy.strangers import as_ours

    if "--debug" in arguments:
        traceback.print_exception(error)
    ours = as_ours(error)
    _document(ours, arguments)
    output.error(output.report(ours))
    return ours.exit_code
