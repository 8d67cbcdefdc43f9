"""What a command says when it cannot do its work: sentences on standard error and exit status 1."""

from collections.abc import Sequence

import click


class CommandFailed(click.ClickException):
    """Ends the command with status 1 after some lines on standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


def configuration_failed(lines: Sequence[str]) -> CommandFailed:
    """A configuration that cannot be used, with every reason."""
    return CommandFailed("The configuration cannot be used:", *(f"  {line}" for line in lines))
