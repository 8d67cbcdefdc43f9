"""``kratos lint lint``, ``kratos format jsonnet`` and ``kratos jsonnet``."""

import glob
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from identity_server.cli.failures import CommandFailed
from identity_server.cli.jsonnet.layout import format_text
from identity_server.cli.jsonnet.linter import lint
from identity_server.cli.jsonnet.tokens import JsonnetError


def _texts(patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every file with its text.

    Raises:
        CommandFailed: when a file cannot be read.
    """
    for pattern in patterns:
        files = sorted(glob.glob(pattern, recursive=True))
        if not files:
            click.echo(f"{pattern}: there is no such file", err=True)
        for file in files:
            try:
                with open(file, encoding="utf-8") as stream:
                    yield file, stream.read()
            except UnicodeDecodeError:
                raise CommandFailed(f"{file}: is not UTF-8 text") from None
            except OSError as error:
                raise CommandFailed(f"{file}: cannot be read: {error.strerror}") from None


@click.command()
@click.argument("patterns", nargs=-1, required=True, metavar="FILE…")
def lint_files(patterns: tuple[str, ...]) -> int:
    """Check Jsonnet: syntax, and names that are unknown, unused or there twice.

    Ends with status 1 when there is something to mend. Nothing is evaluated.
    """
    found = 0
    for file, text in _texts(patterns):
        for finding in lint(text):
            found += 1
            click.echo(f"{file}: {finding}", err=True)
    return 1 if found else 0


@click.command()
@click.argument("patterns", nargs=-1, required=True, metavar="FILE…")
@click.option("-w", "--write", is_flag=True, help="Write the files instead of printing them.")
def format_files(patterns: tuple[str, ...], write: bool) -> int:
    """Format Jsonnet, and print it or write it back."""
    broken = False
    for file, text in _texts(patterns):
        try:
            formatted = format_text(text)
        except JsonnetError as error:
            broken = True
            click.echo(f"{file}: {error}", err=True)
            continue
        if not write:
            click.echo(formatted, nl=False)
        elif formatted != text:
            _write(file, formatted)
    return 1 if broken else 0


def _write(file: str, text: str) -> None:
    try:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise CommandFailed(f"{file}: cannot be written: {error.strerror}") from None


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def jsonnet(ctx: click.Context) -> int:
    """Evaluate Jsonnet from standard input, as the server does.

    The input is {"Snippet": "…", "ExtVars": {…}, "TLACodes": {…}}; the other members are ExtCodes and TLAVars.
    """
    return 0 if ctx.invoked_subcommand else _evaluate(_request(sys.stdin.read()))


jsonnet.add_command(lint_files, "lint")
jsonnet.add_command(format_files, "format")


def _request(text: str) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"The input is not JSON: {error}") from None
    if not isinstance(request, dict) or not isinstance(request.get("Snippet"), str):
        raise CommandFailed('The input must be {"Snippet": "…"}.')
    return request


def _evaluate(request: dict[str, Any]) -> int:
    import asyncio

    from identity_server.mappers.errors import MapperError
    from identity_server.mappers.pool import JsonnetPool

    async def evaluate() -> Any:
        pool = JsonnetPool(max_workers=1)
        try:
            return await pool.evaluate(request["Snippet"], _values(request, "Ext"), _values(request, "TLA"))
        finally:
            await pool.close()

    try:
        click.echo(json.dumps(asyncio.run(evaluate()), ensure_ascii=False, indent=3))
    except MapperError as error:
        raise CommandFailed(f"{error}: {error.detail}" if error.detail else f"{error}") from None
    return 0


def _values(request: dict[str, Any], kind: str) -> dict[str, Any]:
    """Texts as they are, and codes, which must be JSON."""
    found: dict[str, Any] = dict(request.get(f"{kind}Vars") or {})
    for name, code in (request.get(f"{kind}Codes") or {}).items():
        try:
            found[name] = json.loads(code)
        except (ValueError, TypeError):
            raise CommandFailed(f"{kind}Codes.{name} must be JSON.") from None
    return found
