"""Makes data harmless in each place of an HTML document, to the effect of Go's ``html/template``."""

import re

from identity_server.courier.go_templates.core_functions import escape_html

#: What stands in for data that has no safe form in its place; the same word as Go's, so that people find it.
UNSAFE = "ZgotmplZ"

_URL_SCHEMES = ("http", "https", "mailto")
_URL_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_URL_RESERVED = frozenset(b"!#$&*+,/:;=?@[]")
_HEX = re.compile(rb"%[0-9a-fA-F]{2}")
_UNQUOTED = str.maketrans({char: f"&#{ord(char)};" for char in "\t\n\v\f\r +=`"})
_STYLE_REFUSED = re.compile(r"[\0\"'()/;@\[\\\]`{}<>]|--|expression|mozbinding", re.IGNORECASE)


def markup_escaped(text: str) -> str:
    """A text for an element or a quoted attribute. The plus sign goes too, as in Go: it starts text in UTF-7."""
    return escape_html(text).replace("+", "&#43;")


def unquoted(text: str) -> str:
    """A text for an attribute without quotes, which white space would end."""
    return escape_html(text).translate(_UNQUOTED) or '""'


def url_filtered(text: str) -> str:
    """An address whose scheme runs nothing: ``javascript:`` and its like become ``#`` and a word."""
    scheme, colon, _ = text.partition(":")
    if colon and "/" not in scheme and scheme.strip().lower() not in _URL_SCHEMES:
        return "#" + UNSAFE
    return text


def url_normalised(text: str) -> str:
    """An address, or a part of one, with what cannot stand in an address percent-encoded."""
    return _percent(text, keep_reserved=True)


def url_escaped(text: str) -> str:
    """A text for the query or fragment of an address."""
    return _percent(text, keep_reserved=False)


def _percent(text: str, *, keep_reserved: bool) -> str:
    raw = text.encode("utf-8", "replace")
    out = bytearray()
    for place, byte in enumerate(raw):
        kept = byte in _URL_KEPT or (keep_reserved and (byte in _URL_RESERVED or bool(_HEX.match(raw, place))))
        out += bytes((byte,)) if kept else b"%%%02x" % byte
    return out.decode()


def style_filtered(text: str) -> str:
    """One value of a style sheet, such as a colour or a length."""
    return UNSAFE if _STYLE_REFUSED.search(text) else text


def dropped(_: str) -> str:
    """Nothing: comments are not sent."""
    return ""


ESCAPERS = {
    "html": markup_escaped,
    "unquoted": unquoted,
    "url filter": url_filtered,
    "url": url_normalised,
    "query": url_escaped,
    "style": style_filtered,
    "drop": dropped,
}
