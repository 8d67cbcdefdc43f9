"""What is measured: a request that is sent again and again, and what share of the ceiling it has to reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ceiling


@dataclass(frozen=True)
class Target:
    """Where requests go and what they need.

    Attributes:
        ids: of identities, spread over the table.
        emails: their identifiers.
        last_token: of the last list page.
    """

    public: str
    admin: str
    ceiling: str
    session_token: str
    ids: list[str]
    emails: list[str]
    middle_token: str = ""
    last_token: str = ""


@dataclass(frozen=True)
class Profile:
    """A kind of request.

    Attributes:
        script: Lua for wrk.
        floor: the least share of the ceiling; None where nothing is asked.
        kratos: the share that Kratos 26.2 has of the same ceiling, as measured on two cores with its own Go server.
    """

    name: str
    url: Callable[[Target], str]
    script: Callable[[Target], str]
    floor: float | None = None
    kratos: float | None = None


def _headers(**headers: str) -> str:
    return "".join(f'wrk.headers["{name.replace("_", "-")}"] = "{value}"\n' for name, value in headers.items())


def _around(paths: list[str]) -> str:
    """Asks for each path in turn."""
    listed = ", ".join(f'"{path}"' for path in paths)
    return (
        f"local paths = {{{listed}}}\nlocal at = 0\n"
        "request = function()\n  at = at % #paths + 1\n  return wrk.format('GET', paths[at])\nend\n"
    )


def _creating(target: Target) -> str:
    del target
    return (
        "local at = 0\nlocal tag = os.time() .. '-' .. math.random(1000000)\n"
        "request = function()\n  at = at + 1\n"
        "  local email = 'bench-' .. tag .. '-' .. at .. '@example.com'\n"
        '  local body = \'{"schema_id":"default","traits":{"email":"\' .. email .. \'"}}\'\n'
        "  return wrk.format('POST', '/admin/identities', {['Content-Type'] = 'application/json'}, body)\nend\n"
    )


def _page(token: str) -> str:
    return "/admin/identities?page_size=250" + (f"&page_token={token}" if token else "")


def _nothing(target: Target) -> str:
    del target
    return ""


CEILING = Profile(
    "ceiling", lambda target: target.ceiling, lambda target: _headers(X_Session_Token=ceiling.TOKEN), kratos=None
)
PROFILES = (
    Profile(
        "session check (whoami)",
        lambda target: target.public + "sessions/whoami",
        lambda target: _headers(X_Session_Token=target.session_token),
        floor=0.45,
        kratos=0.21,
    ),
    Profile(
        "get identity",
        lambda target: target.admin,
        lambda target: _around([f"/admin/identities/{each}" for each in target.ids]),
        floor=0.5,
        kratos=0.30,
    ),
    Profile(
        "lookup by identifier",
        lambda target: target.admin,
        lambda target: _around([f"/admin/identities?credentials_identifier={each}" for each in target.emails]),
        floor=0.3,
        kratos=0.14,
    ),
    Profile("list of 250, first", lambda target: target.admin + _page("")[1:], _nothing, floor=0.03, kratos=0.017),
    Profile("list of 250, middle", lambda target: target.admin + _page(target.middle_token)[1:], _nothing, floor=0.03),
    Profile("list of 250, last", lambda target: target.admin + _page(target.last_token)[1:], _nothing, floor=0.03),
    Profile("create without password", lambda target: target.admin, _creating, floor=0.12, kratos=0.055),
    Profile(
        "start a native login",
        lambda target: target.public + "self-service/login/api",
        _nothing,
        floor=0.2,
        kratos=0.11,
    ),
)


def chosen(words: list[str]) -> list[Profile]:
    """Profiles whose names contain any of the words; all without words.

    Raises:
        SystemExit: when a word is in no name.
    """
    for word in words:
        if not any(word in profile.name for profile in PROFILES):
            raise SystemExit(f"no profile has {word!r} in its name; there are: {', '.join(p.name for p in PROFILES)}")
    return [profile for profile in PROFILES if not words or any(word in profile.name for word in words)]


def as_json(profile: Profile, found: dict[str, float]) -> dict[str, Any]:
    """A result for programs."""
    return {"name": profile.name, "floor": profile.floor, **{name: round(value, 4) for name, value in found.items()}}
