"""One browser, one mail server, one provider and one server with every method, for the page tests of a module."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import browser as browsers
from integration.pages.harbour import settings
from live_server import LiveServer, free_port, live_server, merged
from mail_sink import MailSink, mail_sink
from openid_provider import OpenIdProvider, running

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "pages"


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    """A real mail server."""
    with mail_sink() as opened:
        yield opened


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    """A provider to sign in with."""
    with running() as opened:
        yield opened


@pytest.fixture(scope="module")
def changes() -> dict[str, Any]:
    """What a module's server has other than ``settings``."""
    return {}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sink: MailSink, provider: OpenIdProvider, changes: dict[str, Any]
) -> Iterator[LiveServer]:
    """A server that shows its own pages, known as ``localhost``: browsers let keys work there without TLS."""
    address = f"http://localhost:{free_port()}/"
    whole = merged(settings(address, sink, provider), changes)
    folder = tmp_path_factory.mktemp("pages")
    with live_server(folder, "", whole, public=address, dev=False, arguments=("--watch-courier",)) as opened:
        yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, gone before other modules run: Playwright keeps the thread's event loop to itself."""
    if reason := browsers.missing():
        pytest.skip(reason)
    with warnings.catch_warnings(), browsers.browser() as opened:
        yield opened


@pytest.fixture
def visitor(chromium: Browser, server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for each person; arguments are those of Playwright's ``new_context``."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(base_url=server.public, **options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, visitor: Callable[..., Page]) -> Page:
    """A person's tab, once with and once without JavaScript."""
    return visitor(java_script_enabled=request.param)


def keep_picture(page: Page, name: str) -> None:
    """Keeps a picture of a page for people to look at."""
    folder = Path(os.environ.get("KRATOS_ARTEFACTS", ARTEFACTS))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
