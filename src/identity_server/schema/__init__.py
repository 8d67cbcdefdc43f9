"""Identity schemas: what an identity's traits may look like, and which of them are identifiers and addresses.

Where to look:
    registry         the configured schemas, compiled once
    identity_schema  one compiled schema: validate, extract, fields
    document         what a schema document must fulfil to be accepted
    expansion        references replaced by what they name
    keywords         the rules of JSON Schema that we state ourselves
    extension        the keyword ``ory.sh/kratos``
    extraction       identifiers and addresses out of traits
    fields           form fields out of a schema
    normalize        the canonical form of identifiers and addresses
"""
