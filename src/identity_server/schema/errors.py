"""What can be wrong with a schema."""


class IdentitySchemaError(Exception):
    """Base of all errors about identity schemas.

    Attributes:
        schema_id: the id that the configuration gives the schema.
    """

    def __init__(self, schema_id: str, message: str) -> None:
        super().__init__(message)
        self.schema_id = schema_id


class UnknownSchema(IdentitySchemaError):
    """No schema of this id is configured."""

    def __init__(self, schema_id: str) -> None:
        super().__init__(schema_id, f"there is no identity schema with the id {schema_id!r}")


class SchemaRefused(IdentitySchemaError):
    """The schema's document cannot be used.

    Attributes:
        reason: what is wrong, without any text of the document beyond its own keywords and names.
    """

    def __init__(self, schema_id: str, reason: str) -> None:
        super().__init__(schema_id, f"identity schema {schema_id!r}: {reason}")
        self.reason = reason


class DocumentError(Exception):
    """What is wrong with a document, before it is known under which id it was configured."""
