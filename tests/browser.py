"""Debian's Chromium, driven by Playwright. It never downloads a browser and never calls home."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAMS = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
#: Without these a browser on a closed network spends its time failing to reach its maker.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str | None:
    """The browser's program."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def missing() -> str:
    """Why no browser can be started; nothing when one can."""
    return "" if program() else "Chromium is not installed (apt-get install chromium)"


@contextmanager
def browser() -> Iterator[Browser]:
    """A running browser without windows."""
    arguments = [*QUIET, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program(), args=arguments)
        try:
            yield opened
        finally:
            opened.close()
