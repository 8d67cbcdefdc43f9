"""Reads a request once into what flows and the admin API need."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import URL
from starlette.requests import Request

from identity_server.errors import ApiError
from identity_server.flows.caller import Caller
from identity_server.web import negotiation

MOST_BYTES = 5 * 1024 * 1024


async def read_body(request: Request) -> bytes:
    """The body.

    Raises:
        ApiError: 413 when it is larger than 5 MiB, before it is all read.
    """
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > MOST_BYTES:
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
    """The refusal of a body that is too large."""
    return ApiError(413, f"The body is larger than {MOST_BYTES} bytes.")


def headers_of(request: Request) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def client_address(headers: Mapping[str, str], peer: str) -> str:
    """From where a request came, for people to read: nothing is decided by it.

    A chain of proxies is read from the end; when it holds no public address the answer is empty, as in Kratos.
    """
    for name in ("true-client-ip", "cf-connecting-ip", "x-real-ip"):
        if headers.get(name):
            return headers[name].strip()
    chain = headers.get("x-forwarded-for", "")
    if not chain:
        return peer
    for part in reversed(chain.split(",")):
        try:
            address = ipaddress.ip_address(part.strip())
        except ValueError:
            continue
        if address.is_global:
            return str(address)
    return ""


def called_url(request: Request, headers: Mapping[str, str], public_base_url: str) -> str:
    """The absolute address that was called, on the public base URL unless a proxy names its own host."""
    base = URL(public_base_url)
    scheme = headers.get("x-forwarded-proto") or base.scheme
    host = headers.get("x-forwarded-host") or base.netloc
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query = request.scope["query_string"].decode("latin-1")
    return f"{scheme}://{host}{path}" + (f"?{query}" if query else "")


def peer_of(request: Request) -> str:
    """The peer's address with its port."""
    client = request.client
    if client is None:
        return ""
    host = f"[{client.host}]" if ":" in client.host else client.host
    return f"{host}:{client.port}"


async def caller_of(request: Request, public_base_url: str) -> Caller:
    """The request as a flow sees it."""
    headers = headers_of(request)
    query = request.scope["query_string"].decode("latin-1")
    return Caller(
        method=request.method,
        url=called_url(request, headers, public_base_url),
        query=parse_qs(query, keep_blank_values=True, max_num_fields=1000) if query else {},
        headers=headers,
        cookies=request.cookies,
        ip_address=client_address(headers, peer_of(request)),
        wants_json=negotiation.accepts_json(headers.get("accept", "")),
        submits_json=negotiation.submits_json(headers),
        body=await read_body(request),
    )
