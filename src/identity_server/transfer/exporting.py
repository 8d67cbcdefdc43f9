"""Every identity as a line of JSON, in the order of their ids."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from identity_server.ciphers.cipher import Cipher
from identity_server.ciphers.errors import Unreadable
from identity_server.identity import document
from identity_server.identity.model import CREDENTIAL_TYPES
from identity_server.storage import listing
from identity_server.storage.identities import group
from identity_server.storage.listing import Wanted
from identity_server.storage.port import Database, Row
from identity_server.transfer import credentials

PAGE = 1000


class Sealed(Exception):
    """A secret of an identity that no cipher secret of the configuration opens."""


@dataclass(frozen=True)
class Export:
    """One export.

    Attributes:
        with_credentials: write what people sign in with, secrets in clear text.
        public_url: of the schemas' addresses.
    """

    database: Database
    cipher: Cipher
    public_url: str
    with_credentials: bool = False

    async def pages(self) -> AsyncIterator[list[str]]:
        """The lines, a page at a time. A page is read at one moment; what changes meanwhile is in it or not.

        Raises:
            Sealed: rather than write an identity without its secrets.
            StorageError: when the database fails.
        """
        position = ""
        wanted = Wanted(with_credentials=self.with_credentials)
        while True:
            call = listing.after(wanted, position, PAGE, self.database.dialect)
            found = (
                group(await self.database.fetch(call))
                if self.with_credentials
                else [(row, []) for row in await self.database.fetch(call)]
            )
            if not found:
                return
            position = found[-1][0][0]
            yield [self._line(row, rows) for row, rows in found]

    def _line(self, row: Row, rows: list[document.CredentialRow]) -> str:
        text = ""
        if rows:
            try:
                opened = [credentials.opened(each, self.cipher) for each in rows]
            except Unreadable:
                raise Sealed(row[0]) from None
            text = document.credentials_text(opened, config_of=CREDENTIAL_TYPES)
        return document.identity_text(row, self.public_url, admin=True, credentials=text)
