"""Who calls: what a flow may know of a request, free of any web framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Caller:
    """One request, read once.

    Attributes:
        method: HTTP method in capitals.
        url: the absolute address that the person or client called, seen through trusted proxies.
        query: each parameter with its values in order.
        headers: names in lower case; repeated ones joined by a comma.
        cookies: cookies as sent.
        ip_address: for devices and logs: as proxies report it, else the peer's address with its port.
        source: where attempts are counted, which nobody but our proxies can choose: an address, or a network of IPv6.
        wants_json: what start endpoints negotiate from ``Accept`` alone.
        submits_json: what submissions and errors negotiate from ``Content-Type`` and ``Accept``.
        body: the raw body.
        csrf_secret: what the anti-forgery cookie holds or, on pages that set it, is going to hold.
        csrf_renewed: whether the answer has to set that cookie.
    """

    method: str
    url: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    ip_address: str
    wants_json: bool
    submits_json: bool
    body: bytes = field(default=b"", repr=False)
    csrf_secret: str = field(default="", repr=False)
    csrf_renewed: bool = False
    source: str = ""

    def parameter(self, name: str) -> str:
        """The first value of a query parameter, or nothing."""
        values = self.query.get(name)
        return values[0] if values else ""

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return self.headers.get(name.lower(), "")

    @property
    def user_agent(self) -> str:
        """At most 512 characters of the agent's name."""
        return self.header("user-agent")[:512]

    @property
    def media_type(self) -> str:
        """The body's media type without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()
