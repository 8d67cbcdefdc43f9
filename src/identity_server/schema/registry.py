"""The configured schemas, compiled once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .document import read as read_document
from .errors import DocumentError, SchemaRefused, UnknownSchema
from .identity_schema import IdentitySchema


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """One schema of the configuration (``identity.schemas[]``)."""

    id: str
    url: str
    selfservice_selectable: bool = False


class SchemaRegistry:
    """Schemas by id.

    Args:
        entries: the configured schemas.
        default_id: the one that is used when none is asked for.
        read: the bytes behind a URL (``file://``, ``base64://``, ``http(s)://``); its errors become SchemaRefused.
        allow_base64_references: whether a schema may ``$ref`` a ``base64://`` document. References to files and to
            other machines are never followed.
    """

    def __init__(
        self,
        entries: Sequence[SchemaEntry],
        default_id: str,
        read: Callable[[str], bytes],
        *,
        allow_base64_references: bool = False,
    ) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._default_id = default_id
        self._read = read
        self._allow_base64 = allow_base64_references
        self._compiled: dict[str, IdentitySchema] = {}

    @property
    def default_id(self) -> str:
        """The id of the default schema."""
        return self._default_id

    def ids(self) -> tuple[str, ...]:
        """All ids in the order of the configuration."""
        return tuple(self._entries)

    def entries(self) -> tuple[SchemaEntry, ...]:
        """All entries in the order of the configuration."""
        return tuple(self._entries.values())

    def load_all(self) -> None:
        """Compiles every schema.

        Raises:
            SchemaRefused: of the first that cannot be used.
            UnknownSchema: the default schema is not configured.
        """
        for schema_id in self._entries:
            self.get(schema_id)
        self.get(self._default_id)

    def get(self, schema_id: str) -> IdentitySchema:
        """A compiled schema.

        Raises:
            UnknownSchema: no such id.
            SchemaRefused: the document cannot be read or used.
        """
        found = self._compiled.get(schema_id)
        if found is None:
            found = self._compiled[schema_id] = self._compile(schema_id)
        return found

    def raw(self, schema_id: str) -> dict[str, Any]:
        """A schema's document as it was written, keys in their order. Not to be changed."""
        return self.get(schema_id).raw

    def _compile(self, schema_id: str) -> IdentitySchema:
        entry = self._entries.get(schema_id)
        if entry is None:
            raise UnknownSchema(schema_id)
        try:
            document = read_document(self._content(entry), allow_base64=self._allow_base64)
        except DocumentError as error:
            raise SchemaRefused(schema_id, str(error)) from None
        return IdentitySchema(entry.id, entry.url, document, selfservice_selectable=entry.selfservice_selectable)

    def _content(self, entry: SchemaEntry) -> bytes:
        try:
            return self._read(entry.url)
        except Exception as error:
            raise SchemaRefused(entry.id, f"it cannot be read: {error}") from error
