"""What every provider offers to the room."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from identity_server.methods.oidc_method import refusals
from identity_server.methods.oidc_method.claims import Claims
from identity_server.methods.oidc_method.discovery import Discovery
from identity_server.methods.oidc_method.key_sets import KeySets
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.web_calls import WebCalls
from identity_server.times import Clock

_LONGEST_WORD: Final = 200


@dataclass(frozen=True)
class Tools:
    """What providers share.

    Attributes:
        discovery: documents of issuers.
        keys: public keys of issuers.
    """

    web: WebCalls
    discovery: Discovery
    keys: KeySets
    clock: Clock


@dataclass(frozen=True)
class Journey:
    """One trip to a provider and back; what the way back has to bring along.

    Attributes:
        verifier: the secret behind the code challenge; empty without one.
        nonce: what the ID token must carry; empty when none was sent.
    """

    redirect_uri: str
    state: str = field(default="", repr=False)
    verifier: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    refresh: bool = False
    upstream: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Tokens:
    """What a provider hands out; ``extra`` is its whole answer."""

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


class Provider:
    """A configured provider. Vendors override what they do in their own way.

    Attributes:
        callback: where people are sent back to, below the public address.

    Args:
        settings: how it is configured.
        tools: what providers share.
    """

    callback: ClassVar[str] = "self-service/methods/oidc/callback"

    def __init__(self, settings: ProviderSettings, tools: Tools) -> None:
        self.settings = settings
        self.tools = tools

    async def prepare(self, draft: Journey) -> Journey:
        """Adds what guards the answer: a code verifier or a nonce, whichever the vendor understands."""
        return draft

    async def authorization_url(self, journey: Journey) -> str:
        """Where the browser goes to."""
        raise NotImplementedError

    async def redeem(self, answer: Mapping[str, str], journey: Journey) -> Tokens:
        """The tokens behind what the browser brought back.

        Args:
            answer: the parameters of the callback.

        Raises:
            ProviderRefused: the provider did not give any.
        """
        raise NotImplementedError

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """Who signed in.

        Raises:
            ProviderRefused: the provider did not say so in a way that can be relied on.
        """
        raise NotImplementedError

    async def claims_of_app(self, id_token: str, nonce: str) -> Claims:
        """Who signed in with a vendor's own library in an app.

        Args:
            nonce: what the app asked the vendor to put into the token.

        Raises:
            ApiError: the vendor's tokens are not taken this way.
            ProviderRefused: the token cannot be relied on.
        """
        del id_token, nonce
        raise refusals.no_id_tokens(self.settings.vendor)

    def refusal(self, answer: Mapping[str, str]) -> str:
        """What the provider says instead of who it is; empty when it says who it is."""
        words = (answer.get(name, "")[:_LONGEST_WORD] for name in ("error", "error_description"))
        return ": ".join(word for word in words if word) if answer.get("error") else ""

    def answered_code(self, answer: Mapping[str, str]) -> str:
        """The code in a callback's parameters; empty without any."""
        return answer.get("code", "")


def new_secret() -> str:
    """43 characters nobody can guess: for verifiers and nonces."""
    return secrets.token_urlsafe(32)
