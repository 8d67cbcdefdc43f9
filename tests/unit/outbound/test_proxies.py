"""Which requests go through a proxy."""

import pytest

from identity_server.outbound.proxies import Proxies

PROXIES = {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "proxy:3129"}


def test_each_scheme_has_its_proxy() -> None:
    proxies = Proxies(PROXIES)
    assert proxies.choose("http", "far.example", 80) == "http://proxy:3128"
    assert proxies.choose("https", "far.example", 443) == "http://proxy:3129"


@pytest.mark.parametrize("environment", [{}, {"HTTP_PROXY": "", "NO_PROXY": ""}, {"HTTPS_PROXY": "x"}])
def test_without_one_the_connection_is_direct(environment: dict[str, str]) -> None:
    assert Proxies(environment).choose("http", "far.example", 80) is None


def test_one_proxy_may_serve_all() -> None:
    assert Proxies({"all_proxy": "http://proxy"}).choose("https", "far.example", 443) == "http://proxy"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_what_is_on_this_machine_is_direct(host: str) -> None:
    assert Proxies(PROXIES).choose("http", host, 80) is None


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("*", "far.example", 80),
        ("example", "far.example", 80),
        (".far.example", "far.example", 80),
        ("*.far.example", "a.far.example", 80),
        ("x, Far.Example ", "FAR.example.", 80),
        ("far.example:8080", "far.example", 8080),
        ("10.152.183.0/24", "10.152.183.7", 80),
        ("10.1.2.3", "10.1.2.3", 80),
        ("fd00::/8", "fd00::7", 80),
        (".svc.cluster.local", "hydra.iam.svc.cluster.local", 4445),
    ],
)
def test_no_proxy_makes_exceptions(entry: str, host: str, port: int) -> None:
    assert Proxies(PROXIES | {"no_proxy": entry}).choose("http", host, port) is None


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("far.example", "notfar.example"),
        ("far.example:8080", "far.example"),
        ("10.0.0.0/24", "10.0.1.1"),
        ("10.0.0.0/24", "far.example"),
        ("nonsense/99", "10.0.0.1"),
        (",,", "far.example"),
    ],
)
def test_and_no_others(entry: str, host: str) -> None:
    assert Proxies(PROXIES | {"no_proxy": entry}).choose("http", host, 80) is not None
