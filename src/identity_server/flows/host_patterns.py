"""Hosts with a wildcard, as return addresses and CORS origins know them.

``*.example.org`` is every host below ``example.org``, not itself. A wildcard counts only where everything that it can
stand for belongs to one owner: above it there must be a domain that somebody registered, not a suffix that is open to
everybody. ``*.org`` and ``*.co.uk`` match nothing.
"""

from typing import Final

#: Labels below a country's domain under which people register: ``co.uk``, ``com.au``, ``ac.jp``.
_OPEN_LABELS: Final = frozenset(
    (
        *("ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "id", "ind", "info", "int", "ltd", "me", "mil"),
        *("ne", "net", "nom", "or", "org", "plc", "sch", "web"),
    )
)
#: Hosts that give everybody a name below them.
_OPEN_SUFFIXES: Final = frozenset(
    (
        *("appspot.com", "azurewebsites.net", "blogspot.com", "cloudfront.net", "firebaseapp.com", "fly.dev"),
        *("github.io", "gitlab.io", "herokuapp.com", "netlify.app", "ngrok.io", "onrender.com", "pages.dev"),
        *("run.app", "s3.amazonaws.com", "surge.sh", "vercel.app", "web.app", "workers.dev"),
    )
)


def is_owned(domain: str) -> bool:
    """Whether a domain is one that somebody registered, as far as names tell."""
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels) or domain in _OPEN_SUFFIXES:
        return False
    return not (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _OPEN_LABELS)


def matches(pattern: str, host: str) -> bool:
    """Whether a host, with its port if it has one, is one that a pattern means; both in lower case."""
    if "*" not in pattern:
        return pattern == host
    before, _, after = pattern.partition("*")
    domain = after.removeprefix(".")
    if "*" in after or not after.startswith(".") or not is_owned(domain.partition(":")[0]):
        return False
    middle = host.removeprefix(before).removesuffix(after)
    if not host.startswith(before) or not host.endswith(after) or len(before) + len(after) >= len(host):
        return False
    # What stands for the star is labels of a name; behind a prefix, the rest of one label.
    return all(middle.split(".")) and (not before or "." not in middle)
