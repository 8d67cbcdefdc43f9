"""What a browser calls itself, in words that its owner knows."""

from typing import Final

#: The first that is found counts: most browsers also claim to be those further down.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_LONGEST: Final = 60


def browser_and_system(agent: str) -> tuple[str, str]:
    """The browser and the system that a User-Agent header tells; empty where it tells none that is known."""
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def described(agent: str, pattern: str) -> str:
    """A device in words.

    Args:
        agent: the User-Agent header.
        pattern: a text with ``{browser}`` and ``{system}``.
    """
    browser, system = browser_and_system(agent)
    if browser and system:
        return pattern.replace("{browser}", browser).replace("{system}", system)
    return browser or system or agent[:_LONGEST]


def host_of(address: str) -> str:
    """An address without the port that it was seen with."""
    host, _, port = address.rpartition(":")
    return host.strip("[]") if port.isdecimal() and (":" not in host or host.startswith("[")) else address


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in known if mark in agent), "")
