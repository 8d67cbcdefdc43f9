"""What counts once, whoever asks at the same time: one statement decides, on either database."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, update

from identity_server.errors import Conflict
from identity_server.identity.document import dump
from identity_server.storage import tables
from identity_server.storage.port import Database, Statement
from identity_server.times import Timestamp

_C = tables.identity_credentials

_SPEND = Statement(insert(tables.spent_challenges))
_REPLACE = Statement(
    update(_C)
    .where(_C.c.identity_id == bindparam("owner"), _C.c.type == bindparam("kind"), _C.c.config == bindparam("seen"))
    .values(config=bindparam("config_"), updated_at=bindparam("now"))
    .returning(_C.c.type)
)


class Once:
    """Steps that only one of several requests at once may take."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spend(self, challenge: bytes, expires_at: Timestamp) -> bool:
        """Whether this is the first answer to a challenge.

        Args:
            expires_at: from when on the challenge is refused anyway.
        """
        try:
            await self._database.fetch(_SPEND(id=hashlib.sha256(challenge).hexdigest(), expires_at=expires_at))
        except Conflict:
            return False
        return True

    async def replace_config(
        self, identity_id: str, kind: str, seen: Mapping[str, Any], config: Mapping[str, Any], now: Timestamp
    ) -> bool:
        """Replaces the configuration of a credential.

        Args:
            seen: what it was when it was read.

        Returns:
            False when it is not what was seen any more; nothing has changed then.
        """
        rows = await self._database.fetch(
            _REPLACE(owner=identity_id, kind=kind, seen=dump(dict(seen)), config_=dump(dict(config)), now=now)
        )
        return bool(rows)
