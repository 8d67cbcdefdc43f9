"""Every command and flag as a page for people: ``python -m identity_server.cli.reference``."""

from collections.abc import Iterator
from typing import Any

import click

from identity_server.cli.main import root

_TOP = """# Command line

This page is made from the commands themselves (`python -m identity_server.cli.reference`).

`kratos` is the server's command, with the commands and flags of Ory Kratos 26.2 and some of our own. Flags may stand
before or behind a command's name: `kratos -c kratos.yml serve` is `kratos serve -c kratos.yml`. Messages go to standard
error, results to standard output; the exit status is 0, or 1 when anything failed.

Commands that look at a running server take its admin address with `--endpoint` or from `KRATOS_ADMIN_URL`, and a key,
where the server asks for one, from `KRATOS_ADMIN_KEY`. Their results come as a table, as JSON (`--format json`,
`json-pretty`), as YAML, or as one value out of it: `--format jsonpath=traits.email` in GJSON's syntax (names, numbers,
`*`, `#`, `#(name=="x")`), or `--format jsonpointer=/traits/email`.

`kratos list identities` and `kratos identities list` are the same command; so it is with get, delete, import, validate
and patch.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_TOP, *_commands(root, "kratos")])


def _commands(group: click.Group, path: str) -> Iterator[str]:
    ctx = click.Context(group, info_name=path)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden or (group is root and name in _SAME_AS_IDENTITIES):
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield _command(command, f"{path} {name}")


#: Shown once, as ``kratos identities …``.
_SAME_AS_IDENTITIES = {"list", "ls", "get", "delete", "import", "validate", "patch"}


def _command(command: click.Command, path: str) -> str:
    arguments = " ".join(one.make_metavar(click.Context(command)) for one in _of(command, click.Argument))
    usage = f"{path} [FLAGS] {arguments}".strip()
    lines = [f"## {path}", "", f"    {usage}", "", _text(command.help or ""), ""]
    rows = [_flag(option) for option in _of(command, click.Option) if not option.hidden]
    if rows:
        lines += ["| Flag | Meaning |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _of(command: click.Command, kind: Any) -> list[Any]:
    return [param for param in command.params if isinstance(param, kind)]


def _text(help: str) -> str:
    return "\n".join(line.strip() for line in help.strip().splitlines())


def _flag(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    about = option.help or ""
    if isinstance(option.type, click.Choice):
        about += f" One of {', '.join(str(choice) for choice in option.type.choices if choice)}."
    if option.show_default and option.default is not None:
        about += f" Default: {option.default}."
    return f"| {names} | {about.strip()} |"


if __name__ == "__main__":
    click.echo(page(), nl=False)
