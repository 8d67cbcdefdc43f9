"""The ways in which commands print their results: ``--format`` and ``--quiet``."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_FORMATS = "table, json, json-pretty, yaml, jsonpath=PATH, jsonpointer=POINTER"


@dataclass(frozen=True)
class Table:
    """Rows under headers; a single row is printed as a list of its fields."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    single: bool = False

    def lines(self) -> list[str]:
        """The table as text."""
        if self.single and len(self.rows) == 1:
            return _aligned(list(zip(self.headers, self.rows[0], strict=True)))
        return _aligned([list(self.headers), *self.rows])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def one_line(text: str) -> str:
    """Control characters could move the cursor, and so forge other rows."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


@dataclass(frozen=True)
class Writer:
    """Prints results in the form that was asked for."""

    kind: str = "table"
    path: str = ""
    quiet: bool = False

    def write(self, data: Any, table: Table, ids: Sequence[str]) -> None:
        """Prints a result.

        Args:
            data: all of it, as JSON.
            table: what a person wants to see.
            ids: what a script wants to see.
        """
        if self.quiet:
            lines = list(ids)
        elif self.kind == "table":
            lines = table.lines()
        else:
            lines = [self._text(data)]
        for line in lines:
            click.echo(line)

    def _text(self, data: Any) -> str:
        if self.kind == "yaml":
            import yaml

            return yaml.safe_dump(data, sort_keys=True, allow_unicode=True).rstrip("\n")
        if self.kind in ("jsonpath", "jsonpointer"):
            from identity_server.cli import selecting

            data = (selecting.by_path if self.kind == "jsonpath" else selecting.by_pointer)(data, self.path)
        indent = 2 if self.kind == "json-pretty" else None
        return json.dumps(data, ensure_ascii=False, indent=indent, separators=None if indent else (",", ":"))


def read_format(text: str) -> Writer:
    """What ``--format`` says.

    Raises:
        click.BadParameter: when it says something else than the allowed.
    """
    kind, equals, path = text.partition("=")
    if kind in ("jsonpath", "jsonpointer") and equals:
        return Writer(kind, path)
    if text in ("table", "json", "json-pretty", "yaml"):
        return Writer(text)
    raise click.BadParameter(f"{text!r} is unknown; allowed: {_FORMATS}", param_hint="--format")


def output_format(command: F) -> F:
    """``--format`` and ``--quiet``, given to the command as ``writer``."""

    def convert(ctx: click.Context, param: click.Parameter, value: str) -> Writer:
        writer = read_format(value)
        quiet = bool(ctx.params.pop("quiet", False))
        return Writer(writer.kind, writer.path, quiet)

    format_option = click.option(
        "--format", "writer", default="table", callback=convert, metavar="FORMAT", help=f"One of {_FORMATS}."
    )
    quiet_option = click.option("-q", "--quiet", is_flag=True, is_eager=True, help="Print ids alone, one a line.")
    return format_option(quiet_option(command))
