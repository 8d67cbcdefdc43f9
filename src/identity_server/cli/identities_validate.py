"""``kratos identities validate``."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from identity_server.cli.admin_api import AdminApi, endpoint, segment
from identity_server.cli.failures import CommandFailed
from identity_server.cli.identity_files import read_identities
from identity_server.cli.output import Writer, output_format

_OBJECTS = ("traits", "credentials")
_LISTS = ("verifiable_addresses", "recovery_addresses")
_TEXTS = ("schema_id", "external_id", "organization_id")
_MEMBERS = {*_OBJECTS, *_LISTS, *_TEXTS, "metadata_public", "metadata_admin", "state"}


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]…")
@endpoint
@output_format
def validate_identity(files: tuple[str, ...], api: AdminApi, writer: Writer) -> int:
    """Check JSON files, or standard input, before they are imported.

    The traits are held against the schema that the running server has for them. Nothing is stored there.
    """
    schemas: dict[str, Any] = {}
    faults: list[str] = []
    for source, identity in read_identities(files):
        faults += [f"{source}: {fault}" for fault in _faults(identity, schemas, api)]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        return 1
    if not writer.quiet:
        # Kratos prints this sentence whatever the format.
        click.echo("All identity files are valid.")
    return 0


def _faults(identity: Mapping[str, Any], schemas: dict[str, Any], api: AdminApi) -> Iterator[str]:
    yield from _shape(identity)
    name, traits = identity.get("schema_id"), identity.get("traits")
    if isinstance(name, str) and name and isinstance(traits, dict):
        if name not in schemas:
            schemas[name] = _schema(name, api)
        for violation in schemas[name].validate(traits):
            details = ", ".join(f"{key}: {value}" for key, value in violation.details.items())
            yield f"{violation.pointer}: {violation.keyword}" + (f" ({details})" if details else "")


def _shape(identity: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(identity.keys() - _MEMBERS):
        yield f"{name} is not known; allowed: {', '.join(sorted(_MEMBERS))}"
    if not identity.get("schema_id"):
        yield "schema_id is missing"
    if "traits" not in identity:
        yield "traits are missing"
    if identity.get("state") not in (None, "active", "inactive"):
        yield "state must be active or inactive"
    kinds: tuple[tuple[tuple[str, ...], type, str], ...] = (
        (_OBJECTS, dict, "an object"),
        (_LISTS, list, "a list"),
        (_TEXTS, str, "text"),
    )
    for names, kind, words in kinds:
        for name in names:
            if identity.get(name) is not None and not isinstance(identity[name], kind):
                yield f"{name} must be {words}"


def _schema(name: str, api: AdminApi) -> Any:
    """The server's schema, compiled as the server does."""
    import json

    from identity_server.schema.document import read
    from identity_server.schema.errors import DocumentError
    from identity_server.schema.identity_schema import IdentitySchema

    path = f"/schemas/{segment(name)}"
    document, _ = api.call("GET", path)
    try:
        return IdentitySchema(name, path, read(json.dumps(document).encode(), allow_base64=True))
    except DocumentError as error:
        raise CommandFailed(f"The server's schema {name!r} cannot be used here: {error}") from None
