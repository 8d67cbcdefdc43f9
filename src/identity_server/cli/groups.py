"""Groups of commands that import a command when it is called, and take flags before its name too."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import click


@dataclass(frozen=True)
class Entry:
    """A command that is not imported yet.

    Attributes:
        target: ``module:attribute`` below this package.
        help: one line for the list of commands, so that the list needs no import.
        hidden: left out of the list.
    """

    target: str
    help: str = ""
    hidden: bool = False

    def load(self) -> click.Command:
        """Imports the command."""
        module, _, attribute = self.target.partition(":")
        command = getattr(import_module(f"identity_server.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command


class LazyGroup(click.Group):
    """A group whose commands are entries.

    Kratos takes ``kratos -c FILE serve`` as well as ``kratos serve -c FILE``. Flags before a command's name are moved
    behind it; what follows such a flag and is no command's name is taken for its value.
    """

    def __init__(self, *args: object, entries: Mapping[str, Entry], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.entries = dict(entries)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, entry in self.entries.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.entries[name].help) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, command_first(args, self.entries.keys()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.entries:
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"there is no command {args[0]!r}; allowed: {known}", ctx)
        return super().resolve_command(ctx, args)


def command_first(args: Sequence[str], names: Container[str]) -> list[str]:
    """The arguments with a command's name moved before the flags that stand in front of it."""
    position = 0
    while position < len(args):
        text = args[position]
        if text in ("--help", "-h", "--"):
            break
        if not text.startswith("-"):
            return [text, *args[:position], *args[position + 1 :]]
        value = args[position + 1] if "=" not in text and position + 1 < len(args) else "-"
        position += 1 if value.startswith("-") or value in names else 2
    return list(args)


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def group(name: str, help: str, entries: Mapping[str, Entry], *, hidden: bool = False) -> LazyGroup:
    """A group of commands that does nothing by itself."""
    return LazyGroup(name, help=help, entries=entries, context_settings=SETTINGS, hidden=hidden)
