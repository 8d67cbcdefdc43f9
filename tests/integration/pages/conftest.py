"""One browser and one server for the page tests of a module."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import browser as browsers
from live_server import LiveServer, live_server

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "pages"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that shows its own pages."""
    folder = tmp_path_factory.mktemp("pages")
    overrides = {
        "selfservice": {
            "flows": {"registration": {"enable_legacy_one_step": False}},
            "default_browser_return_url": "/ui/",
        },
        "pages": {"name": "Harbour Office"},
    }
    with live_server(folder, "", overrides) as running:
        running.change({"selfservice": {"default_browser_return_url": f"{running.public}ui/"}})
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, gone before other modules run: Playwright keeps the thread's event loop to itself."""
    if reason := browsers.missing():
        pytest.skip(reason)
    with warnings.catch_warnings(), browsers.browser() as opened:
        yield opened


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def context(request: pytest.FixtureRequest, chromium: Browser, server: LiveServer) -> Iterator[BrowserContext]:
    """A person's browser, once with and once without JavaScript."""
    opened = chromium.new_context(base_url=server.public, java_script_enabled=request.param)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()


def keep_picture(page: Page, name: str) -> None:
    """Keeps a picture of a page for people to look at."""
    folder = Path(os.environ.get("KRATOS_ARTEFACTS", ARTEFACTS))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
