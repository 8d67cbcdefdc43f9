"""Sessions as signed tokens that other services check by themselves (``tokenize_as``)."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from identity_server import randomness
from identity_server.mappers.errors import MapperError
from identity_server.mappers.pool import JsonnetPool
from identity_server.times import Clock

if TYPE_CHECKING:
    import jwt

log = structlog.get_logger("tokenizer")
#: How long keys and mappers are kept before they are read anew.
KEPT_SECONDS: Final = 3600.0


class CannotTokenize(Exception):
    """The template cannot be used for this session; the text is for the client."""


class BrokenTemplate(Exception):
    """The template's keys cannot be read or cannot sign; the text is for the operator."""


@dataclass(frozen=True)
class Template:
    """A template of the configuration.

    Attributes:
        subject_source: ``id`` or ``external_id``.
    """

    jwks_url: str
    claims_mapper_url: str = ""
    ttl: timedelta = timedelta(0)
    subject_source: str = "id"


class Tokenizer:
    """Makes tokens.

    Args:
        templates: by name.
        read_uri: the bytes behind an address of the configuration.
        jsonnet: runs claims mappers.
        issuer: the default claim ``iss``.
    """

    def __init__(
        self,
        templates: Mapping[str, Template],
        read_uri: Callable[[str], Awaitable[bytes]],
        jsonnet: JsonnetPool,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._templates = dict(templates)
        self._read_uri = read_uri
        self._jsonnet = jsonnet
        self._clock = clock
        self._issuer = issuer
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def token(self, name: str, session: Mapping[str, Any]) -> str:
        """A token about a session.

        Args:
            session: Kratos' JSON of it, with its identity.

        Raises:
            CannotTokenize: no such template, a mapper that fails, an identity without the subject's source.
            BrokenTemplate: no usable key.
        """
        template = self._templates.get(name)
        if template is None:
            raise CannotTokenize(f"There is no tokenizer template {name!r} (session.whoami.tokenizer.templates).")
        claims = self._claims(template, session)
        subject = claims["sub"]
        if template.claims_mapper_url:
            claims |= await self._mapped(template, session, claims)
            claims["sub"] = subject  # whoever writes mappers must not speak for other people
        return self._sign(claims, await self._key(template))

    def _claims(self, template: Template, session: Mapping[str, Any]) -> dict[str, Any]:
        identity = session["identity"]
        subject = identity.get("external_id" if template.subject_source == "external_id" else "id")
        if not subject:
            raise CannotTokenize("The template names the subject by external_id, but the identity has none.")
        now = int(self._clock().timestamp())
        return {
            "jti": randomness.new_id(),
            "iss": self._issuer,
            "exp": now + int(template.ttl.total_seconds()),
            "sub": subject,
            "sid": session["id"],
            "nbf": now,
            "iat": now,
        }

    async def _mapped(
        self, template: Template, session: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        snippet = (await self._read(template.claims_mapper_url)).decode("utf-8", "replace")
        try:
            result = await self._jsonnet.evaluate(snippet, ext_vars={"session": session, "claims": claims})
        except MapperError as error:
            log.warning("a claims mapper failed", reason=error.reason.value, detail=error.detail)
            raise CannotTokenize("The claims mapper of the tokenizer template failed.") from error
        mapped = result.get("claims") if isinstance(result, dict) else None
        if not isinstance(mapped, dict):
            raise CannotTokenize("The claims mapper must return an object with the member 'claims', an object.")
        return mapped

    async def _key(self, template: Template) -> "jwt.PyJWK":
        import jwt

        content = await self._read(template.jwks_url)
        try:
            keys = orjson.loads(content)["keys"]
            found = next(key for key in keys if key.get("alg") and ("d" in key or "k" in key))
            return jwt.PyJWK(found)
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration, jwt.PyJWTError) as error:
            raise BrokenTemplate("jwks_url holds no private key with 'alg'") from error

    @staticmethod
    def _sign(claims: dict[str, Any], key: "jwt.PyJWK") -> str:
        import jwt

        headers = {"kid": key.key_id} if key.key_id else None
        try:
            return jwt.encode(claims, key.key, algorithm=key.algorithm_name, headers=headers)
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise BrokenTemplate(f"the key cannot sign: {type(error).__name__}") from error

    async def _read(self, url: str) -> bytes:
        read_at, content = self._kept.get(url, (0.0, b""))
        if content and time.monotonic() - read_at < KEPT_SECONDS:
            return content
        try:
            content = await self._read_uri(url)
        except Exception as error:
            raise BrokenTemplate(f"a source of the template cannot be read: {type(error).__name__}") from error
        self._kept[url] = time.monotonic(), content
        return content
