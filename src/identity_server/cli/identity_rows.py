"""How identities are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from identity_server.cli.output import Table, Writer

_HEADERS = ("ID", "EXTERNAL ID", "VERIFIED ADDRESSES", "RECOVERY ADDRESSES", "SCHEMA ID", "SCHEMA URL")
_NONE = "<none>"


def cleaned(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Without members that are null, as Kratos' client leaves them out; the organization is one that it keeps."""
    return {name: value for name, value in identity.items() if value is not None or name == "organization_id"}


def show_one(writer: Writer, identity: Mapping[str, Any]) -> None:
    """One identity; its JSON has the extra member that Kratos prints there."""
    data = {**cleaned(identity), "AdditionalProperties": {}}
    writer.write(data, Table(_HEADERS, [_row(identity)], single=True), [str(identity.get("id", ""))])


def show_many(writer: Writer, identities: Sequence[Mapping[str, Any]]) -> None:
    """Several identities, or none."""
    data = [cleaned(identity) for identity in identities]
    writer.write(data, Table(_HEADERS, [_row(identity) for identity in identities]), ids(identities))


def show_page(writer: Writer, identities: Sequence[Mapping[str, Any]], token: str) -> None:
    """One page of a list, and where the next one starts."""
    data = {"identities": [cleaned(identity) for identity in identities], "next_page_token": token}
    rows = [_row(identity) for identity in identities]
    # Kratos ends its table with this row.
    rows.append(["NEXT PAGE TOKEN", token or _NONE, "", "", "", ""])
    writer.write(data, Table(_HEADERS, rows), ids(identities))


def ids(identities: Sequence[Mapping[str, Any]]) -> list[str]:
    """Their ids."""
    return [str(identity.get("id", "")) for identity in identities]


def _row(identity: Mapping[str, Any]) -> list[str]:
    verified = [one["value"] for one in identity.get("verifiable_addresses") or () if one.get("verified")]
    recovery = [one["value"] for one in identity.get("recovery_addresses") or ()]
    cells = (
        identity.get("id"),
        identity.get("external_id"),
        ", ".join(verified),
        ", ".join(recovery),
        identity.get("schema_id"),
        identity.get("schema_url"),
    )
    return [str(cell or _NONE) for cell in cells]
