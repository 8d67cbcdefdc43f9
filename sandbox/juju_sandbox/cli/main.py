"""``juju COMMAND …``: picks the command, reads its words, runs it."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from juju_sandbox.cli import action_commands, model_commands, secret_commands
from juju_sandbox.cli.session import CommandFailed, Session
from juju_sandbox.failures import SandboxError
from juju_sandbox.places import Places

Fill = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Command:
    """One command: what it does, what words it takes, and its code."""

    run: Callable[[Session], None]
    summary: str
    fill: Fill = lambda parser: None


def _words(*names: str) -> Fill:
    def fill(parser: argparse.ArgumentParser) -> None:
        for name in names:
            parser.add_argument(name.removesuffix("*"), nargs="*" if name.endswith("*") else None)

    return fill


def _deploy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("charm")
    parser.add_argument("application", nargs="?")
    model_commands.numbers(parser, 1)
    parser.add_argument("--config", action="append", metavar="KEY=VALUE")
    parser.add_argument("--resource", action="append", metavar="NAME=PATH")
    parser.add_argument("--trust", action="store_true")
    for ignored in ("--channel", "--base", "--revision", "--constraints", "--storage"):
        parser.add_argument(ignored, help="taken and ignored")
    parser.add_argument("--to")
    parser.add_argument("--attach-storage")


def _refresh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("application")
    parser.add_argument("--path")
    parser.add_argument("--switch")
    parser.add_argument("--config", action="append", metavar="KEY=VALUE")
    parser.add_argument("--resource", action="append", metavar="NAME=PATH")
    parser.add_argument("--trust", nargs="?", const="true", choices=("true", "false"))
    for ignored in ("--channel", "--base", "--revision", "--storage"):
        parser.add_argument(ignored, help="taken and ignored")
    for ignored in ("--force", "--force-base", "--force-units"):
        parser.add_argument(ignored, action="store_true", help="taken and ignored")


def _application_count(default: int) -> Fill:
    def fill(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("application")
        model_commands.numbers(parser, default)
        parser.add_argument("--no-prompt", action="store_true")
        parser.add_argument("--force", action="store_true")

    return fill


def _scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("application")
    parser.add_argument("units", type=int)


def _remove_application(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("applications", nargs="+")
    for flag in ("--no-prompt", "--force", "--destroy-storage", "--no-wait"):
        parser.add_argument(flag, action="store_true")


def _remove_relation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("one")
    parser.add_argument("two", nargs="?")
    parser.add_argument("--force", action="store_true")


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("application")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--file")
    parser.add_argument("--reset", action="append")
    _format(parser)


def _format(parser: argparse.ArgumentParser, *more: str) -> None:
    parser.add_argument("--format", choices=("json", "yaml", *more))
    parser.add_argument("-o", "--output")


def _status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("selector", nargs="*")
    parser.add_argument("--relations", "--integrations", action="store_true")
    for flag in ("--storage", "--color", "--no-color", "--utc"):
        parser.add_argument(flag, action="store_true")
    _format(parser, "tabular")


def _show_unit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("units", nargs="+")
    parser.add_argument("--app", action="store_true")
    parser.add_argument("--endpoint")
    _format(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*")
    parser.add_argument("--params")
    parser.add_argument("--string-args", action="store_true")
    parser.add_argument("--wait", default="60s")
    for flag in ("--background", "--utc", "--color", "--no-color"):
        parser.add_argument(flag, action="store_true")
    _format(parser, "plain")


def _actions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("application")
    parser.add_argument("--schema", action="store_true")
    _format(parser, "default")


def _number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number")
    parser.add_argument("--wait", default="0")
    _format(parser)


def _add_secret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    _secret_content(parser)


def _secret_content(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*")
    parser.add_argument("--file")
    parser.add_argument("--info", default="")


def _update_secret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("secret")
    parser.add_argument("--name", default="")
    parser.add_argument("--auto-prune", action="store_true")
    _secret_content(parser)


def _show_secret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("secret")
    parser.add_argument("--reveal", action="store_true")
    parser.add_argument("-r", "--revision", type=int)
    _format(parser)


def _remove_secret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("secret")
    parser.add_argument("--revision", type=int)


def _debug_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--include", "-i", action="append")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--lines", "-n", type=int, default=10)
    for flag in ("--replay", "--no-tail", "--tail", "--date", "--color"):
        parser.add_argument(flag, action="store_true")


def _resolved(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("units", nargs="+")
    parser.add_argument("--no-retry", action="store_true")


def _trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("application")
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("--scope", help="taken and ignored")


def _wait_for(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("application", "unit"))
    parser.add_argument("name")
    parser.add_argument("--query")
    parser.add_argument("--timeout", default="10m")


def _destroy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="?")
    for flag in ("--no-prompt", "--force", "--destroy-storage", "--no-wait"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--timeout")


def _laboratory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deed", choices=("start", "stop", "where", "elect", "kill-container", "update-status"))
    parser.add_argument("unit", nargs="?")
    parser.add_argument("container", nargs="?")
    _format(parser)


def _with_format(*names: str) -> Fill:
    def fill(parser: argparse.ArgumentParser) -> None:
        _words(*names)(parser)
        _format(parser)

    return fill


COMMANDS: Mapping[str, Command] = {
    "deploy": Command(model_commands.deploy, "deploys a charm, starting the sandbox when none runs", _deploy),
    "refresh": Command(model_commands.refresh, "takes over a changed charm", _refresh),
    "add-unit": Command(model_commands.add_unit, "adds units", _application_count(1)),
    "remove-unit": Command(model_commands.remove_unit, "removes units", _application_count(0)),
    "scale-application": Command(model_commands.scale_application, "sets the number of units", _scale),
    "remove-application": Command(model_commands.remove_application, "removes applications", _remove_application),
    "integrate": Command(model_commands.integrate, "relates two applications", _words("one", "two")),
    "relate": Command(model_commands.integrate, "the same", _words("one", "two")),
    "remove-relation": Command(model_commands.remove_relation, "ends a relation", _remove_relation),
    "config": Command(model_commands.config, "reads and sets options", _config),
    "trust": Command(model_commands.trust, "lets a charm use the cloud", _trust),
    "status": Command(model_commands.status, "shows the model", _status),
    "show-unit": Command(model_commands.show_unit, "shows a unit and its databags", _show_unit),
    "show-application": Command(model_commands.show_application, "shows an application", _with_format("applications*")),
    "resolved": Command(model_commands.resolved, "retries or skips a failed hook", _resolved),
    "model-config": Command(model_commands.model_config, "reads and sets model options", _with_format("words*")),
    "debug-log": Command(model_commands.debug_log, "shows what charms have logged", _debug_log),
    "wait-for": Command(model_commands.wait_for, "waits for a status", _wait_for),
    "models": Command(model_commands.models, "lists the model", _with_format()),
    "destroy-model": Command(model_commands.destroy_model, "stops the sandbox and removes its data", _destroy),
    "version": Command(model_commands.version, "shows the version that charms see", _with_format()),
    "run": Command(action_commands.run, "runs an action", _run),
    "actions": Command(action_commands.actions, "lists a charm's actions", _actions),
    "show-task": Command(action_commands.show_task, "shows a task", _number),
    "show-operation": Command(action_commands.show_operation, "shows an operation", _number),
    "operations": Command(action_commands.operations, "lists operations", _with_format()),
    "add-secret": Command(secret_commands.add_secret, "makes a secret", _add_secret),
    "update-secret": Command(secret_commands.update_secret, "adds a revision", _update_secret),
    "remove-secret": Command(secret_commands.remove_secret, "removes a secret", _remove_secret),
    "grant-secret": Command(
        secret_commands.grant_secret, "lets applications read it", _words("secret", "applications")
    ),
    "revoke-secret": Command(secret_commands.revoke_secret, "takes that back", _words("secret", "applications")),
    "show-secret": Command(secret_commands.show_secret, "shows a secret", _show_secret),
    "secrets": Command(secret_commands.secrets, "lists secrets", _with_format()),
    "lab": Command(
        model_commands.laboratory, "what Juju has no command for: leaders, crashes, start, stop", _laboratory
    ),
}


def _usage() -> str:
    width = max(len(name) for name in COMMANDS)
    lines = "\n".join(f"  {name.ljust(width)}  {command.summary}" for name, command in COMMANDS.items())
    return f"usage: juju COMMAND …\n\nJuju on a laptop: one model, kept in one file.\n\n{lines}\n"


def main(argv: Sequence[str]) -> int:
    """Runs one command line; 0 well, 1 failed, 2 misspelled."""
    words = list(argv)
    if not words or words[0] in ("help", "-h", "--help"):
        print(_usage(), end="")
        return 0
    name = words.pop(0)
    command = COMMANDS.get("version" if name == "--version" else name)
    if command is None:
        print(f'ERROR "{name}" is no command of the sandbox. See "juju help".', file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog=f"juju {name}", description=command.summary, allow_abbrev=False)
    parser.add_argument("-m", "--model", help="taken and ignored: a sandbox is one model")
    command.fill(parser)
    try:
        command.run(Session(Places.from_environment(), parser.parse_intermixed_args(words)))
    except (CommandFailed, SandboxError) as error:
        sys.stdout.flush()
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
