"""Return addresses against the allow-list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.errors import ApiError
from identity_server.flows import return_to

BASE = "https://app.test/home"
ALLOWED = ["https://app.test/in", "https://*.shop.test", "myapp://callback", "http://127.0.0.1:4433/"]


def resolve(url: str) -> str:
    return return_to.resolve(url, base=BASE, allowed=ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.test/in",
        "https://app.test/in/side?x=1&next=https://evil.test#top",
        "https://APP.test/in",
        "https://app.test/in/a%20b",
        "https://app.test/in/%25",
        "https://a.shop.test",
        "https://a.shop.test/any",
        "myapp://callback/done",
        "http://127.0.0.1:4433/self-service/settings?flow=1",
    ],
)
def test_an_address_on_the_list_stays_as_it_is(url: str) -> None:
    assert resolve(url) == url


def test_a_relative_address_takes_scheme_and_host_of_the_default() -> None:
    assert resolve("/in/side?x=1") == "https://app.test/in/side?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://app.test/inside",
        "https://app.test/home",
        "/home",
        "https://app.test/in/../out",
        "https://app.test/in/%2e%2e/out",
        "https://app.test/in/%252e%252e/out",
        "https://app.test/in/%3f/%2e%2e/%2e%2e/out",
        "https://app.test/in/..;/out",
        "https://app.test/in%2f..%2f..%2fout",
        "https://app.test/in/%5c..%5cout",
        "https://app.test@evil.test/in",
        "https://app.test:443@evil.test/in",
        "https://app.test%40evil.test/in",
        "https://app.test%2f@evil.test/in",
        "https://evil.test\\@app.test/in",
        "https:/\\evil.test/in",
        "https:///evil.test/in",
        "https:evil.test",
        "//evil.test/in",
        "/\\evil.test",
        "/%5cevil.test",
        "///evil.test",
        " https://evil.test/in",
        "https://app.test/in\r\nSet-Cookie: a=b",
        "https://app.test/in\x00",
        "java\tscript:alert(1)",
        "javascript://app.test/in%0aalert(1)",
        "data:text/html,hi",
        "https://app.test:444/in",
        "https://app.test:99999/in",
        "http://app.test/in",
        "https://shop.test/",
        "https://evilshop.test/",
        "https://app.test。evil.test/in",
        "https://[app.test]/in",
        "myapp:callback",
        "https://%zz",
        "relative",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ApiError) as caught:
        resolve(url)
    assert (caught.value.status, caught.value.id) == (400, "self_service_flow_return_to_forbidden")


@given(st.text(alphabet="/\\.%2efF@:?#;ab \t\r\n", max_size=24))
def test_whatever_passes_stays_below_the_path(tail: str) -> None:
    url = f"https://app.test/in/{tail}"
    if return_to.is_allowed(url, ALLOWED):
        path = url.removeprefix("https://app.test").partition("?")[0].partition("#")[0]
        assert ".." not in path.replace("%2e", ".").replace("%2E", ".").split("/")
        assert "\\" not in url
