"""The admin API of the server, as far as the charm's actions need it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import requests

from identity_server import contract

BASE_URL = f"http://127.0.0.1:{contract.ADMIN_PORT}"
CONNECT_SECONDS = 3
READ_SECONDS = 30

Identity = dict[str, Any]


class AdminError(Exception):
    """The server refused, with its own reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class NotFound(AdminError):
    """There is no such thing (404)."""


class Conflict(AdminError):
    """Something else holds that name already (409)."""


class Unreachable(AdminError):
    """The server did not answer."""

    def __init__(self) -> None:
        super().__init__(0, "the server does not answer")


class AdminClient:
    """Calls the admin API over the loopback interface of the unit.

    Args:
        base_url: where the admin listener is, without ``/admin``.
        token: the bearer token, when the server asks for one.
    """

    def __init__(self, base_url: str = "", token: str = "") -> None:
        self._base = (base_url or BASE_URL).rstrip("/") + "/admin"
        self._session = requests.Session()
        # Proxy variables of the model must not carry passwords out of the pod.
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def identity(self, identity_id: str, *, include: Sequence[str] = ()) -> Identity:
        """One identity.

        Raises:
            NotFound: when there is none of that id.
        """
        return self._json("GET", f"/identities/{_segment(identity_id)}", params={"include_credential": list(include)})

    def identities_of(self, identifier: str) -> list[Identity]:
        """The identities that sign in with ``identifier``; normally none or one."""
        return self._json("GET", "/identities", params={"credentials_identifier": identifier})

    def create_identity(self, identity: Mapping[str, Any]) -> Identity:
        """Create an identity.

        Raises:
            Conflict: when another one signs in with the same name.
        """
        return self._json("POST", "/identities", json=identity)

    def replace_identity(self, identity_id: str, identity: Mapping[str, Any]) -> Identity:
        """Write all fields of an identity; fields that are left out are cleared, credentials that are left out stay."""
        return self._json("PUT", f"/identities/{_segment(identity_id)}", json=identity)

    def patch_identity(self, identity_id: str, operations: Sequence[Mapping[str, Any]]) -> Identity:
        """Change single fields of an identity, by JSON patch (RFC 6902)."""
        return self._json("PATCH", f"/identities/{_segment(identity_id)}", json=list(operations))

    def delete_identity(self, identity_id: str) -> None:
        """Delete an identity and all that hangs on it."""
        self._call("DELETE", f"/identities/{_segment(identity_id)}")

    def delete_credential(self, identity_id: str, kind: str, identifier: str = "") -> None:
        """Remove one kind of credential, or the one account ``identifier`` of a kind that has several."""
        path = f"/identities/{_segment(identity_id)}/credentials/{_segment(kind)}"
        self._call("DELETE", path, params={"identifier": identifier} if identifier else {})

    def delete_sessions(self, identity_id: str) -> bool:
        """End all sessions of an identity. False when it had none."""
        try:
            self._call("DELETE", f"/identities/{_segment(identity_id)}/sessions")
        except NotFound:
            return False
        return True

    def recovery_code(self, identity_id: str, lifespan: str = "1h") -> dict[str, str]:
        """A code and a link with which the person chooses a new password: recovery_link, recovery_code, expires_at."""
        return self._json("POST", "/recovery/code", json={"identity_id": identity_id, "expires_in": lifespan})

    def page(self, path: str, params: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str]:
        """One page of a list, and the token of the next one or nothing."""
        answer = self._call("GET", path, params={key: value for key, value in params.items() if value})
        following = answer.links.get("next", {}).get("url", "")
        return answer.json(), parse_qs(urlsplit(following).query).get("page_token", [""])[0]

    def all(self, path: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The members of a list, page after page."""
        token = ""
        while True:
            members, following = self.page(path, {**params, "page_token": token})
            yield from members
            if not members or not following or following == token:
                return
            token = following

    def _json(self, method: str, path: str, **request: Any) -> Any:
        answer = self._call(method, path, **request)
        try:
            return answer.json()
        except requests.JSONDecodeError:
            raise AdminError(answer.status_code, "the server's answer is not JSON") from None

    def _call(self, method: str, path: str, **request: Any) -> requests.Response:
        try:
            answer = self._session.request(
                method, self._base + path, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, **request
            )
        except requests.RequestException:
            raise Unreachable from None
        if answer.status_code < 300:
            return answer
        kinds = {404: NotFound, 409: Conflict}
        raise kinds.get(answer.status_code, AdminError)(answer.status_code, _reason(answer))


def _segment(value: str) -> str:
    return quote(value, safe="")


def _reason(answer: requests.Response) -> str:
    """What the server says is wrong: ``error.reason``, else ``error.message``."""
    try:
        error = answer.json()["error"]
        return str(error.get("reason") or error["message"])
    except (requests.JSONDecodeError, KeyError, TypeError, AttributeError):
        return f"the server answered {answer.status_code}"
