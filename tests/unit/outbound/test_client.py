"""Requests, redirects, bounds and what goes wrong on the way."""

import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from identity_server.outbound.client import OutboundClient
from identity_server.outbound.errors import OutboundError, Reason

from .conftest import Site, reply

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[OutboundClient]:
    client = OutboundClient(timeout=5, environment={}, most_body=1000)
    yield client
    await client.close()


async def refusal(client: OutboundClient, url: str, **more: object) -> Reason:
    with pytest.raises(OutboundError) as refused:
        await client.request("GET", url, **more)
    return refused.value.reason


async def test_a_request_arrives_as_it_was_made(client: OutboundClient, site: Site) -> None:
    site.pages["/hook?a=b%20c"] = reply(201, b"{}", Content_Type="application/json", X_Id="7")
    answer = await client.request(
        "post", f"{site.base}/hook?a=b%20c", {"X-Key": "k", "content-type": "text/x"}, b"body"
    )
    assert (answer.status, answer.body, answer.headers["content-type"]) == (201, b"{}", "application/json")
    (seen,) = site.seen
    assert (seen.method, seen.body) == ("POST", b"body")
    assert (seen.headers["x-key"], seen.headers["content-type"]) == ("k", "text/x")
    assert seen.headers["host"] == f"127.0.0.1:{site.port}"


async def test_any_status_is_an_answer(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = reply(503, b"later")
    assert (await client.request("GET", f"{site.base}/")).status == 503


async def test_a_post_without_a_body_says_so(client: OutboundClient, site: Site) -> None:
    await client.request("POST", f"{site.base}/")
    assert site.seen[0].headers["content-length"] == "0"


async def test_user_and_password_of_the_address_become_a_header(client: OutboundClient, site: Site) -> None:
    await client.request("GET", f"http://sam:p%40ss@127.0.0.1:{site.port}/")
    assert site.seen[0].headers["authorization"] == "Basic c2FtOnBAc3M="


async def test_the_headers_of_the_connection_are_ours(client: OutboundClient, site: Site) -> None:
    hostile = {"Host": "other", "Content-Length": "0", "Transfer-Encoding": "chunked", "Connection": "close"}
    await client.request("POST", f"{site.base}/", hostile, b"body")
    assert site.seen[0].body == b"body"
    assert site.seen[0].headers["host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nY: b"}, {"X": "a\nb"}, {"X\r\nY": "b"}, {"X Y": "b"}, {"é": "b"}, {"X": "\ud800"}, {"": "b"}],
)
async def test_a_header_that_would_become_two_is_refused(
    client: OutboundClient, site: Site, headers: dict[str, str]
) -> None:
    assert await refusal(client, f"{site.base}/", headers=headers) is Reason.BAD_REQUEST
    assert not site.seen


@pytest.mark.parametrize(
    "url",
    ["", "no url", "http://", "http:///x", "http://host:99999/", "//host/", "http://a b/", "http://h/" + "a" * 17000],
)
async def test_an_address_that_is_none_is_refused(client: OutboundClient, url: str) -> None:
    assert await refusal(client, url) is Reason.BAD_ADDRESS


async def test_connections_are_used_again(client: OutboundClient, site: Site) -> None:
    for _ in range(5):
        await client.request("GET", f"{site.base}/")
    assert site.connections == 1


async def test_cookies_are_not_kept(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = reply(Set_Cookie="a=b")
    for _ in range(2):
        await client.request("GET", f"{site.base}/")
    assert "cookie" not in site.seen[1].headers


@pytest.mark.parametrize(
    ("status", "method", "body"), [(301, "GET", b""), (303, "GET", b""), (307, "POST", b"x"), (308, "POST", b"x")]
)
async def test_redirects_are_followed_as_browsers_do(
    client: OutboundClient, site: Site, status: int, method: str, body: bytes
) -> None:
    site.pages |= {"/a": reply(status, Location="/b"), "/b": reply(body=b"there")}
    answer = await client.request("POST", f"{site.base}/a", {"X-Key": "k"}, b"x")
    assert (answer.body, answer.url) == (b"there", f"{site.base}/b")
    assert (site.seen[1].method, site.seen[1].body, site.seen[1].headers["x-key"]) == (method, body, "k")


async def test_another_origin_does_not_see_the_keys(
    client: OutboundClient, site: Site, open_site: Callable[..., Awaitable[Site]]
) -> None:
    other = await open_site()
    site.pages["/a"] = reply(307, Location=f"{other.base}/b")
    headers = {"Authorization": "Bearer k", "X-Key": "k", "Cookie": "k", "Accept": "application/json"}
    await client.request("GET", f"{site.base}/a", headers)
    assert "k" not in {value for name, value in other.seen[0].headers.items() if name != "host"} | {"Bearer k"} - {
        "Bearer k"
    }
    assert "authorization" not in other.seen[0].headers
    assert other.seen[0].headers["accept"] == "application/json"


async def test_redirects_end(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = reply(302, Location="/")
    assert await refusal(client, f"{site.base}/") is Reason.REDIRECTS
    assert len(site.seen) == 11


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://host/", "http://[/", "javascript:alert(1)"])
async def test_a_redirect_leads_to_http_alone(client: OutboundClient, site: Site, location: str) -> None:
    site.pages["/"] = reply(302, Location=location)
    assert await refusal(client, f"{site.base}/") is Reason.BAD_ADDRESS


async def test_a_body_has_a_most(client: OutboundClient, site: Site) -> None:
    site.pages |= {"/most": reply(body=b"x" * 1000), "/more": reply(body=b"x" * 1001)}
    assert len((await client.request("GET", f"{site.base}/most")).body) == 1000
    assert await refusal(client, f"{site.base}/more") is Reason.TOO_LARGE


async def test_an_endless_body_ends(client: OutboundClient, site: Site) -> None:
    chunk = b"100\r\n" + b"x" * 256 + b"\r\n"
    site.pages["/"] = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 1000
    assert await refusal(client, f"{site.base}/") is Reason.TOO_LARGE


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_packed_body_is_unpacked_within_bounds(
    client: OutboundClient, site: Site, name: str, pack: Callable[[bytes], bytes]
) -> None:
    site.pages |= {
        "/most": reply(body=pack(b"x" * 1000), Content_Encoding=name),
        "/bomb": reply(body=pack(b"x" * 100_000), Content_Encoding=name),
        "/broken": reply(body=b"nonsense", Content_Encoding=name),
    }
    assert (await client.request("GET", f"{site.base}/most")).body == b"x" * 1000
    assert await refusal(client, f"{site.base}/bomb") is Reason.TOO_LARGE
    assert await refusal(client, f"{site.base}/broken") is Reason.GARBLED


async def test_an_encoding_nobody_asked_for_is_refused(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = reply(body=b"x", Content_Encoding="br")
    assert await refusal(client, f"{site.base}/") is Reason.GARBLED


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 X\r\nContent-Length: x\r\n\r\n", b"\0" * 100_000]
)
async def test_an_answer_that_is_no_http_is_garbled(client: OutboundClient, site: Site, garbage: bytes) -> None:
    site.pages["/"] = garbage
    assert await refusal(client, f"{site.base}/") is Reason.GARBLED


async def test_silence_ends_with_the_time_given(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = None
    assert await refusal(client, f"{site.base}/", seconds=0.05) is Reason.TIMEOUT


async def test_a_trickle_does_not_stretch_the_time(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = "HTTP/1.1 100 X\r\n\r\n"
    assert await refusal(client, f"{site.base}/", seconds=0.1) is Reason.TIMEOUT


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_is_tried_again(client: OutboundClient, site: Site, status: int) -> None:
    site.pages["/"] = [reply(status), reply(status), reply(body=b"at last")]
    assert (await client.request("POST", f"{site.base}/", content=b"x", retries=2)).body == b"at last"
    assert [request.body for request in site.seen] == [b"x"] * 3


async def test_the_last_try_counts(client: OutboundClient, site: Site) -> None:
    site.pages["/"] = [reply(500), reply(503)]
    assert (await client.request("GET", f"{site.base}/", retries=1)).status == 503


@pytest.mark.parametrize("status", [200, 400, 404, 429, 501])
async def test_other_answers_are_final(client: OutboundClient, site: Site, status: int) -> None:
    site.pages["/"] = reply(status)
    await client.request("GET", f"{site.base}/", retries=2)
    assert len(site.seen) == 1


async def test_nobody_there_is_unreachable_after_all_tries(client: OutboundClient) -> None:
    assert await refusal(client, "http://127.0.0.1:1/", retries=1) is Reason.UNREACHABLE


async def test_a_proxy_of_the_environment_is_used(site: Site) -> None:
    site.pages["http://far.example/x"] = reply(body=b"via proxy")
    client = OutboundClient(environment={"http_proxy": f"http://u:p@127.0.0.1:{site.port}"})
    assert (await client.request("GET", "http://far.example/x")).body == b"via proxy"
    assert site.seen[0].headers["proxy-authorization"] == "Basic dTpw"
    await client.close()


async def test_nothing_is_opened_before_the_first_request(client: OutboundClient) -> None:
    assert client._pools == {}
    assert client._ssl_context is None


async def test_no_repr_shows_address_or_body(client: OutboundClient, site: Site) -> None:
    site.pages["/?key=s3cr3t"] = reply(body=b"s3cr3t", X_Key="s3cr3t")
    assert "s3cr3t" not in repr(await client.request("GET", f"{site.base}/?key=s3cr3t"))
