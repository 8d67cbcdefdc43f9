"""Schemas by id."""

import json

import pytest

from identity_server.schema.errors import SchemaRefused, UnknownSchema
from identity_server.schema.registry import SchemaEntry, SchemaRegistry

DOCUMENT = b'{"title": "P", "properties": {"traits": {"properties": {"z": {}, "a": {"title": "A"}}}}, "$id": "x"}'


class Reader:
    """Counts what is read."""

    def __init__(self, content: bytes = DOCUMENT) -> None:
        self.content = content
        self.read: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.read.append(url)
        return self.content


def registry(reader: Reader) -> SchemaRegistry:
    entries = [
        SchemaEntry("person", "file:///p.json"),
        SchemaEntry("team", "base64://e30=", selfservice_selectable=True),
    ]
    return SchemaRegistry(entries, "person", reader)


def test_ids_keep_the_order_of_the_configuration() -> None:
    assert registry(Reader()).ids() == ("person", "team")
    assert [entry.url for entry in registry(Reader()).entries()] == ["file:///p.json", "base64://e30="]
    assert registry(Reader()).default_id == "person"


def test_a_schema_is_read_and_compiled_once() -> None:
    reader = Reader()
    schemas = registry(reader)
    assert schemas.get("person") is schemas.get("person")
    assert reader.read == ["file:///p.json"]


def test_a_schema_knows_its_entry() -> None:
    schema = registry(Reader()).get("team")
    assert (schema.id, schema.url, schema.selfservice_selectable) == ("team", "base64://e30=", True)


def test_the_document_is_shown_as_written() -> None:
    assert json.dumps(registry(Reader()).raw("person")).encode() == DOCUMENT


def test_an_unknown_id_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownSchema, match="fleet") as caught:
        registry(Reader()).get("fleet")
    assert caught.value.schema_id == "fleet"


def test_a_default_that_is_not_configured_is_found_at_start() -> None:
    with pytest.raises(UnknownSchema, match="fleet"):
        SchemaRegistry([], "fleet", Reader()).load_all()


def test_a_schema_that_cannot_be_read_is_refused_with_its_id_and_the_reason() -> None:
    def read(url: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(SchemaRefused, match=r"'person'.*No such file"):
        SchemaRegistry([SchemaEntry("person", "file:///none")], "person", read).load_all()


def test_a_refused_schema_is_tried_again() -> None:
    reader = Reader(b"{}")
    schemas = registry(reader)
    with pytest.raises(SchemaRefused):
        schemas.get("person")
    reader.content = DOCUMENT
    assert schemas.get("person").field_names == ("traits.z", "traits.a")
