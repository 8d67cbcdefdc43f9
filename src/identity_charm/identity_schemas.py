"""The identity schemas the server is given: the built-in ones, and the operator's on top."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema.exceptions

from . import strict_json
from .schemas_map import DEFAULT as SHARED_DEFAULT

BUILT_IN = Path(__file__).parent / "schemas"
ADMIN = "admin_v0"
DEFAULT = "social_user_v0"
MOST_BYTES = 1024 * 1024


class SchemaError(ValueError):
    """A schema or the way schemas are named is unusable; the text says why."""


@cache
def built_in() -> Mapping[str, Any]:
    """Id to document of the schemas that come with the charm."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(BUILT_IN.glob("*.json"))}


@dataclass(frozen=True)
class IdentitySchemas:
    """What ``identity`` of the configuration holds."""

    documents: Mapping[str, Any]
    default: str

    @classmethod
    def load(cls, text: str, default: str, shared: Mapping[str, str] | None = None) -> "IdentitySchemas":
        """The built-in schemas, those shared with the Admin UI over them, and the operator's over all.

        Args:
            text: the option, a JSON object from schema id to JSON schema, or nothing.
            default: the option with the id of the default schema, or nothing.
            shared: what others wrote in the ConfigMap: JSON text by schema id, and their ``default.schema``.

        Raises:
            SchemaError: when they do not make a usable set.
        """
        own = parse(text) if text.strip() else {}
        if own and not default:
            raise SchemaError(f"set default_identity_schema_id to one of {_ids(own)}")
        theirs = dict(shared or {})
        default = default or theirs.pop(SHARED_DEFAULT, DEFAULT)
        theirs.pop(SHARED_DEFAULT, "")
        documents = {**built_in(), **_read(theirs), **own}
        if default not in documents:
            raise SchemaError(f'the default schema "{default}" is none of {_ids(documents)}')
        return cls(documents, default)

    def settings(self) -> dict[str, Any]:
        """``identity`` with each schema inside its URL, so that no file can be missing."""
        return {
            "identity": {
                "default_schema_id": self.default,
                "schemas": [
                    {"id": schema_id, "url": as_url(document)} for schema_id, document in sorted(self.documents.items())
                ],
            }
        }


def offered(text: str, default: str) -> dict[str, str]:
    """What the charm offers in the ConfigMap: the built-in schemas, and those of the options over them.

    Args:
        text: as ``IdentitySchemas.load`` takes it.
        default: likewise; it may be one that only the Admin UI knows.

    Raises:
        SchemaError: when the option makes no sense.
    """
    documents = {**built_in(), **(parse(text) if text.strip() else {})}
    texts = {schema_id: json.dumps(document, sort_keys=True) for schema_id, document in documents.items()}
    return {**texts, SHARED_DEFAULT: default or DEFAULT}


def as_url(document: object) -> str:
    """The document as a ``base64://`` URL."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return "base64://" + base64.b64encode(text.encode()).decode("ascii")


def parse(text: str) -> dict[str, Any]:
    """The option ``identity_schemas`` as documents by id.

    Raises:
        SchemaError: when it is no JSON object of usable schemas.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise SchemaError("identity_schemas is larger than 1 MiB")
    try:
        found = strict_json.parse(text)
    except ValueError as refused:
        where = f" (line {refused.lineno}, column {refused.colno})" if isinstance(refused, json.JSONDecodeError) else ""
        raise SchemaError(f"identity_schemas is not JSON{where}") from None
    if not isinstance(found, dict) or not found:
        raise SchemaError("identity_schemas must be a JSON object from schema id to JSON schema")
    for schema_id, document in found.items():
        check(schema_id, document)
    return found


def _read(shared: Mapping[str, str]) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    for schema_id, text in shared.items():
        try:
            documents[schema_id] = strict_json.parse(text)
        except ValueError:
            raise SchemaError(f'identity schema "{schema_id}" of the Admin UI is not JSON') from None
        check(schema_id, documents[schema_id])
    return documents


def check(schema_id: str, document: object) -> None:
    """Refuse what is no identity schema.

    Raises:
        SchemaError: naming the schema and what it lacks.
    """
    if not schema_id.strip():
        raise SchemaError("identity_schemas has a schema without an id")
    if not isinstance(document, dict):
        raise SchemaError(f'identity schema "{schema_id}" must be a JSON object')
    try:
        jsonschema.Draft7Validator.check_schema(document)
    except jsonschema.exceptions.SchemaError as refused:
        path = "/".join(str(part) for part in refused.absolute_path) or "its root"
        raise SchemaError(
            f'identity schema "{schema_id}" is no JSON schema: {refused.message[:120]} at {path}'
        ) from None
    except RecursionError:
        raise SchemaError(f'identity schema "{schema_id}" is nested too deep') from None
    traits = _member(_member(document, "properties"), "traits")
    if traits.get("type") != "object" or not _member(traits, "properties"):
        raise SchemaError(
            f'identity schema "{schema_id}" needs properties.traits of type object with at least one property'
        )


def _member(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _ids(documents: Mapping[str, Any]) -> str:
    return ", ".join(sorted(documents))
