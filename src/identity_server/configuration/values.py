"""A checked configuration: its keys, and what follows from several of them: addresses and secrets."""

import hashlib
import hmac
import secrets as randomness
from functools import cache, cached_property
from typing import Literal, TypeAlias

from identity_server.configuration.lookup import Lookup

Kind: TypeAlias = Literal["default", "cookie", "cipher", "pagination"]
_EVERYWHERE = {"0.0.0.0", "::", "[::]", ""}  # noqa: S104 - read from the configuration, not bound


@cache
def _of_this_process() -> bytes:
    """Stands in for missing secrets; what it signs ends with the process."""
    return randomness.token_bytes(32)


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, from which neither the secret nor other keys can be found (RFC 5869)."""
    key = hmac.digest(b"kratos configuration", secret, hashlib.sha256)
    return hmac.digest(key, purpose.encode() + b"\x01", hashlib.sha256)


class Configuration(Lookup):
    """All values, and what follows from several of them."""

    @cached_property
    def public_base_url(self) -> str:
        """Where people reach the server; ends with a slash."""
        return self._base_url("public")

    @cached_property
    def admin_base_url(self) -> str:
        """Where operators reach the server; ends with a slash."""
        return self._base_url("admin")

    def _base_url(self, side: str) -> str:
        url = self.text(f"serve.{side}.base_url")
        if url is None:
            host = self.text(f"serve.{side}.host") or ""
            scheme = "https" if self.configured(f"serve.{side}.tls.cert") else "http"
            if host.startswith("unix:") or host in _EVERYWHERE:
                host = "127.0.0.1"
            elif ":" in host and not host.startswith("["):
                host = f"[{host}]"
            url = f"{scheme}://{host}:{self.integer(f'serve.{side}.port')}/"
        return url if url.endswith("/") else url + "/"

    def secrets(self, kind: Kind) -> list[bytes]:
        """Keys for a purpose: the first signs or encrypts, all verify or decrypt.

        ``cipher`` is empty when nothing was configured; the others never are. Missing lists follow ``cookie`` or
        ``default`` element by element, so that rotating those rotates these.
        """
        return list(self._secrets[kind])

    @cached_property
    def _secrets(self) -> dict[str, list[bytes]]:
        given = {kind: [text.encode() for text in self.texts(f"secrets.{kind}")] for kind in self._kinds}
        default = given["default"] or [derive(secret, "default") for secret in given["cookie"]] or [_of_this_process()]
        return {
            "default": default,
            "cookie": given["cookie"] or default,
            "cipher": given["cipher"],
            "pagination": given["pagination"] or [derive(secret, "pagination") for secret in default],
        }

    _kinds = ("default", "cookie", "cipher", "pagination")

    @cached_property
    def cipher_algorithm(self) -> str:
        """What seals tokens and second factors: where a secret for it is set, it is used, unless told otherwise.

        While developing, nothing is sealed that nobody asked for, as in Kratos.
        """
        if self.configured("ciphers.algorithm") or self.dev or not self.secrets("cipher"):
            return self.text("ciphers.algorithm") or "noop"
        return "xchacha20-poly1305"

    @cached_property
    def lasting_secrets(self) -> bool:
        """Whether cookies outlive the process; without configured secrets they do not."""
        return self.configured("secrets.default.0") or self.configured("secrets.cookie.0")
