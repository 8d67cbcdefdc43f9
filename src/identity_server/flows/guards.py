"""Native flows are for apps: a browser that sends one would let other sites use its cookies."""

from identity_server.flows.caller import Caller

#: Cookies that proxies add, and the one that we give to apps as well; every other cookie means a browser.
_HARMLESS_COOKIES = ("__cf", "_cf", "cf_", "ory_kratos_continuity")


class FromBrowser(Exception):
    """A native submission that looks like a browser's; the text says what to do instead."""


def check_native(caller: Caller) -> None:
    """Refuses a native submission that looks like a browser's.

    Raises:
        FromBrowser: when it carries ``Origin`` or cookies.
    """
    if caller.header("origin"):
        raise FromBrowser("Native flows must be sent without the Origin header; use the browser flow in browsers.")
    if any(not name.startswith(_HARMLESS_COOKIES) for name in caller.cookies):
        raise FromBrowser("Native flows must be sent without cookies; use the browser flow in browsers.")
