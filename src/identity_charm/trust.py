"""Whom the charm itself trusts when it calls others."""

import ssl
from collections.abc import Iterable
from typing import Any

from requests.adapters import HTTPAdapter


class TrustingAdapter(HTTPAdapter):
    """Trusts the authorities of the system and these, as PEM."""

    def __init__(self, authorities: Iterable[str]) -> None:
        self._context = ssl.create_default_context()
        for pem in authorities:
            try:
                self._context.load_verify_locations(cadata=pem)
            except ssl.SSLError:
                # What is no certificate vouches for nobody; the others still do.
                continue
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """With our authorities."""
        super().init_poolmanager(*args, **{**options, "ssl_context": self._context})
