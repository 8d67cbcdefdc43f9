"""All sources together: the configuration of the server, as data."""

from collections.abc import Mapping
from typing import Any

from . import selfservice
from .identity_schemas import IdentitySchemas
from .options import Options
from .relations.database import Database
from .server_secrets import ServerSecrets

Settings = dict[str, Any]


def build(options: Options, schemas: IdentitySchemas, database: Database, keys: ServerSecrets) -> Settings:
    """What each source contributes, merged."""
    return merge(
        _server(options),
        database.settings(),
        schemas.settings(),
        selfservice.settings(options),
        keys.settings(),
        _courier(options),
    )


def merge(*parts: Mapping[str, Any]) -> Settings:
    """One mapping out of many; mappings inside are merged, of other values the last one counts."""
    merged: Settings = {}
    for part in parts:
        for key, value in part.items():
            before: object = merged.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                value = merge(before, value)
            merged[key] = value
    return merged


def _server(options: Options) -> Settings:
    return {"log": {"level": options.log_level, "format": "json"}, "dev": options.dev}


def _courier(options: Options) -> Settings:
    return {"courier": {"smtp": {"from_address": options.sender_email, "from_name": options.sender_name}}}
