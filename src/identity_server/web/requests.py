"""Reads a request once into what flows and the admin API need."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.datastructures import URL
from starlette.requests import Request

from identity_server.errors import ApiError, bad_request
from identity_server.flows.caller import Caller
from identity_server.services import Services
from identity_server.web import forwarding, negotiation

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
MOST_PARAMETERS = 1000
MOST_BYTES = 5 * 1024 * 1024


async def read_body(request: Request) -> bytes:
    """The body.

    Raises:
        ApiError: 400 when it is larger than 5 MiB, before it is all read.
    """
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length[:20]) > MOST_BYTES:
        raise too_large()
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise too_large()
        parts.append(part)
    return b"".join(parts)


def too_large() -> ApiError:
    """The refusal of a body that is too large; 400, as Kratos' clients know it."""
    return bad_request(f"The body is larger than {MOST_BYTES} bytes.")


def headers_of(request: Request) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def client_address(headers: Mapping[str, str], peer: str) -> str:
    """From where a request came, as trusted proxies report it; for people to read, nothing is decided or counted by it.

    A chain of proxies is read from its end to the first public address; one of private addresses alone gives nothing,
    as in Kratos, and what is no address at all counts as not said.
    """
    for name in ("true-client-ip", "cf-connecting-ip", "x-real-ip"):
        address = forwarding.address(headers.get(name, ""))
        if address is not None:
            return str(address)
    chain = [address for part in headers.get("x-forwarded-for", "").split(",") if (address := forwarding.address(part))]
    if not chain:
        return peer
    return next((str(address) for address in reversed(chain) if not forwarding.is_internal(address)), "")


def called_url(request: Request, headers: Mapping[str, str], public_base_url: str) -> str:
    """The absolute address that was called: on the host that a trusted proxy or else the client names."""
    base = URL(public_base_url)
    scheme = headers.get("x-forwarded-proto", "")
    named = (headers.get("x-forwarded-host", ""), headers.get("host", ""))
    host = next((name for name in named if _HOST.fullmatch(name)), base.netloc)
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query = request.scope["query_string"].decode("latin-1")
    return f"{scheme if scheme in ('http', 'https') else base.scheme}://{host}{path}" + (f"?{query}" if query else "")


def peer_of(request: Request) -> str:
    """The peer's address with its port."""
    client = request.client
    if client is None:
        return ""
    host = f"[{client.host}]" if ":" in client.host else client.host
    return f"{host}:{client.port}"


def _parameters(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS) if query else {}
    except ValueError as error:
        raise bad_request(f"The query has more than {MOST_PARAMETERS} parameters.") from error


def believed_headers(request: Request, trusted: Sequence[str]) -> dict[str, str]:
    """Headers without those of proxies when the peer is no proxy of ours: anybody can write them."""
    headers = headers_of(request)
    peer = request.client.host if request.client else ""
    if not forwarding.is_trusted(peer, tuple(trusted)):
        headers = {name: value for name, value in headers.items() if name not in forwarding.HEADERS}
    return headers


async def caller_of(request: Request, services: Services) -> Caller:
    """The request as a flow sees it."""
    trusted = tuple(services.configuration.texts("serve.public.trusted_proxies"))
    headers = believed_headers(request, trusted)
    peer = request.client.host if request.client else ""
    if not forwarding.is_trusted(peer, trusted) and not forwarding.HEADERS.isdisjoint(headers_of(request)):
        services.unlisted_proxies.note(peer)
    query = request.scope["query_string"].decode("latin-1")
    return Caller(
        method=request.method,
        url=called_url(request, headers, services.public_url),
        query=_parameters(query),
        headers=headers,
        cookies=request.cookies,
        ip_address=client_address(headers, peer_of(request)),
        source=forwarding.source(peer, headers.get("x-forwarded-for", ""), trusted),
        wants_json=negotiation.accepts_json(headers.get("accept", "")),
        submits_json=negotiation.submits_json(headers),
        body=await read_body(request),
    )
