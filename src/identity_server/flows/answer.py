"""What a flow answers: values that the web turns into responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_server.errors import ApiError


@dataclass(frozen=True)
class Cookie:
    """A cookie to set, or to remove when its value is empty.

    Attributes:
        max_age: seconds; None makes a cookie that ends with the browser.
        expires: the same moment as an HTTP date, for clients that know no ``Max-Age``.
    """

    name: str
    value: str = field(repr=False)
    max_age: int | None = None
    expires: str = ""
    path: str = "/"
    domain: str = ""
    same_site: str = "Lax"
    secure: bool = False
    http_only: bool = True


@dataclass
class Answer:
    """An answer in one of two forms.

    Attributes:
        status: HTTP status.
        json: the body, or None for an answer without one.
        location: where a redirect leads.
        cookies: cookies to set.
        headers: further headers.
    """

    status: int = 200
    json: Any = None
    location: str = ""
    cookies: list[Cookie] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


def redirect(location: str, status: int = 303) -> Answer:
    """A redirect."""
    return Answer(status, location=location)


def failed(error: ApiError, cookies: list[Cookie]) -> Answer:
    """An error that sets cookies."""
    return Answer(error.status, error.body(), cookies=cookies, headers={"ory-error-id": error.id, **error.headers})
