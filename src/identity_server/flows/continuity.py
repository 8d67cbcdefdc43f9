"""What a browser wanted to do before it was sent elsewhere: kept here, found again by a sealed cookie.

The cookie holds nothing but ids of containers by name; what they hold is sealed in the database, belongs to one
identity where there is one, can be taken once, and ends after some minutes.
"""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, Final

import orjson

from identity_server import randomness, times
from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import seal, unseal
from identity_server.flows import session_access
from identity_server.flows.answer import Cookie
from identity_server.flows.caller import Caller
from identity_server.services import Services

COOKIE: Final = "ory_kratos_continuity"
PURPOSE: Final = "continuity"
COOKIE_SPAN: Final = timedelta(days=30)
LIFESPAN: Final = timedelta(minutes=15)
#: Sealed, this is still a text that we read again.
MOST_BYTES: Final = 8 * 1024


class Continuity:
    """Interrupted actions of browsers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def pause(
        self, name: str, payload: Any, caller: Caller, *, identity_id: str | None, lifespan: timedelta = LIFESPAN
    ) -> Cookie | None:
        """Keeps a payload and gives the cookie that finds it; None for one that is too large to be kept."""
        text = orjson.dumps(payload)
        if len(text) > MOST_BYTES:
            return None
        services = self._services
        container_id = randomness.new_id()
        sealed = seal(PURPOSE, text, services.default_keys)
        await services.continuity.put(container_id, name, identity_id, sealed, times.after(services.now(), lifespan))
        return self._cookie({**self._held(caller), name: container_id})

    def is_paused(self, name: str, caller: Caller) -> bool:
        """Whether the browser's cookie names such an action."""
        return name in self._held(caller)

    async def take(self, name: str, caller: Caller, *, identity_id: str | None) -> Any:
        """What was interrupted, once; None when there is nothing, or it is somebody else's."""
        services = self._services
        container_id = self._held(caller).get(name)
        found = await services.continuity.take(container_id, name, services.now()) if container_id else None
        if found is None or found[0] != identity_id:
            return None
        try:
            return orjson.loads(unseal(PURPOSE, str(found[1]), services.default_keys))
        except BadToken:
            return None

    async def give_back(
        self, name: str, payload: Any, caller: Caller, *, identity_id: str | None, lifespan: timedelta
    ) -> None:
        """Keeps what was taken too early once more; the browser's cookie finds it again."""
        services, container_id = self._services, self._held(caller)[name]
        sealed = seal(PURPOSE, orjson.dumps(payload), services.default_keys)
        await services.continuity.put(container_id, name, identity_id, sealed, times.after(services.now(), lifespan))

    def forgotten(self, name: str, caller: Caller) -> Cookie:
        """The cookie without one action."""
        return self._cookie({key: value for key, value in self._held(caller).items() if key != name})

    def _held(self, caller: Caller) -> dict[str, str]:
        try:
            held = orjson.loads(unseal(PURPOSE, caller.cookies.get(COOKIE, ""), self._services.cookie_keys))
        except (BadToken, ValueError):
            return {}
        return {str(key): str(value) for key, value in held.items()}

    def _cookie(self, held: Mapping[str, str]) -> Cookie:
        services = self._services
        return Cookie(
            COOKIE,
            seal(PURPOSE, orjson.dumps(held), services.cookie_keys),
            max_age=int(COOKIE_SPAN.total_seconds()),
            expires=format_datetime(services.clock() + COOKIE_SPAN, usegmt=True),
            **session_access.cookie_attributes(services),
        )
