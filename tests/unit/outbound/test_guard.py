"""T15: requests that try to reach what is inside."""

from collections.abc import Callable, Sequence

import httpcore2
import pytest

from identity_server.outbound.client import OutboundClient
from identity_server.outbound.errors import OutboundError, Reason
from identity_server.outbound.network import GuardedNetwork

from .conftest import Site, reply

pytestmark = pytest.mark.anyio

HOSTILE = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::]:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://1.1.1.1@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@1.1.1.1/",
    "http://①②⑦.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://10.0.0.1/",
    "https://192.168.0.1/",
]


def guarded(**more: object) -> OutboundClient:
    return OutboundClient(disallow_private=True, timeout=5, environment={}, **more)


async def refusal(client: OutboundClient, url: str) -> OutboundError:
    with pytest.raises(OutboundError) as refused:
        await client.request("GET", url)
    await client.close()
    return refused.value


@pytest.mark.parametrize("url", HOSTILE)
async def test_t15_an_internal_address_is_not_reached_in_any_spelling(site: Site, url: str) -> None:
    site.pages["/"] = reply(body=b"inside")
    await refusal(guarded(), url.format(port=site.port))
    assert site.connections == 0


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "unix", "data", "javascript", ""])
async def test_t15_only_http_leaves(scheme: str) -> None:
    assert (await refusal(guarded(), f"{scheme}:///etc/passwd")).reason is Reason.BAD_ADDRESS


async def test_t15_a_name_that_resolves_inside_is_not_reached(site: Site) -> None:
    async def resolver(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    refused = await refusal(guarded(resolver=resolver), f"http://attacker.example:{site.port}/")
    assert refused.reason is Reason.REFUSED
    assert site.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/inside", "//127.1:{port}/inside", "/inside", "http://[::1]/"]
)
async def test_t15_a_redirect_inside_is_not_followed(site: Site, status: int, target: str) -> None:
    site.pages["/start"] = reply(status, Location=target.format(port=site.port))
    site.pages["/inside"] = reply(body=b"inside")
    start = f"{site.base}/start"
    assert (await refusal(guarded(exceptions=[start]), start)).reason is Reason.REFUSED
    assert [request.path for request in site.seen] == ["/start"]


async def test_t15_the_name_resolves_once_and_the_checked_address_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time (DNS rebinding) gains nothing."""
    answers, dialled = [["1.1.1.1"], ["127.0.0.1"]], []

    async def resolver(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    async def connect(self: object, host: str, port: int, *_: object) -> None:
        dialled.append(host)
        raise httpcore2.ConnectError

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(httpcore2.ConnectError):
        await GuardedNetwork(resolver).connect_tcp("rebinding.example", 80)
    assert dialled == ["1.1.1.1"]


async def test_an_exception_is_reached(site: Site) -> None:
    site.pages["/hook?id=1"] = reply(body=b"inside")
    url = f"{site.base}/hook?id=1"
    client = guarded(exceptions=[url])
    assert (await client.request("GET", url)).body == b"inside"
    await client.close()


@pytest.mark.parametrize(
    "change",
    [("/hook", "/Hook"), ("/hook", "/hook/"), ("/hook", "/hook?"), ("http:", "HTTP:"), ("/hook", "/x/../hook")],
)
async def test_an_exception_is_taken_letter_by_letter(site: Site, change: tuple[str, str]) -> None:
    exception = f"{site.base}/hook"
    refused = await refusal(guarded(exceptions=[exception]), exception.replace(*change))
    assert refused.reason is Reason.REFUSED


async def test_a_connection_made_for_an_exception_serves_no_other_request(site: Site) -> None:
    site.pages["/hook"] = reply(body=b"inside")
    client = guarded(exceptions=[f"{site.base}/hook"])
    await client.request("GET", f"{site.base}/hook")
    assert (await refusal(client, f"{site.base}/other")).reason is Reason.REFUSED


async def test_t15_the_text_does_not_tell_forbidden_from_closed(site: Site, open_site: Callable[..., object]) -> None:
    forbidden = await refusal(guarded(), f"{site.base}/")
    closed = await refusal(OutboundClient(environment={}), "http://127.0.0.1:1/")
    assert closed.reason is Reason.UNREACHABLE
    assert str(forbidden) == str(closed)
    assert "127" not in str(forbidden)


async def test_without_the_guard_everything_is_reached(site: Site) -> None:
    site.pages["/"] = reply(body=b"inside")
    client = OutboundClient(environment={})
    assert (await client.request("GET", f"http://localhost:{site.port}/")).body == b"inside"
    await client.close()


async def test_behind_a_proxy_the_guard_still_checks_the_address(site: Site) -> None:
    client = OutboundClient(disallow_private=True, environment={"HTTP_PROXY": site.base})
    assert (await refusal(client, "http://169.254.169.254/")).reason is Reason.REFUSED
    assert site.connections == 0
