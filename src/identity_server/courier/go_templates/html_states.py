"""Where in an HTML document a template's text stands, by the rules of the HTML tokenizer as far as mails need them."""

import html
import re
from dataclasses import dataclass, replace
from typing import Literal

State = Literal["text", "tag", "name", "after name", "after branch", "before value", "value", "raw", "comment"]
Attribute = Literal["plain", "url", "style", "refused"]
UrlPart = Literal["start", "path", "query", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document.

    Attributes:
        state: ``raw`` is the inside of an element that holds no markup, such as ``title`` or ``style``.
        element: the element whose tag or raw text this is; a slash before its name marks an end tag.
        name: the attribute, as far as it was read.
        attribute: what kind of value the attribute has.
        quote: what ends the value; empty for a value without quotes.
        url: which part of an address the value has come to.
    """

    state: State = "text"
    element: str = ""
    name: str = ""
    attribute: Attribute = "plain"
    quote: str = ""
    url: UrlPart = "start"


RAW_ELEMENTS = ("script", "style", "textarea", "title")
_URLS = {
    "action", "archive", "background", "cite", "classid", "codebase", "data", "formaction", "href", "icon", "longdesc",
    "manifest", "poster", "profile", "src", "usemap",
}  # fmt: skip
# Values that are programs, documents or commands to the reader's program: no escaping makes data safe there.
_REFUSED = {"content", "http-equiv", "srcdoc", "srcset"}
_TAG = re.compile(r"</?[a-zA-Z][^\s/>]*")
_NAME = re.compile(r"[^\s\"'<>/=]+")
_NAME_ENDS = re.compile(r"[\s/>]")
_DECLARATION = re.compile(r"<![a-zA-Z\[]")


class Unreadable(Exception):
    """The text is no HTML that can be followed; carries the offset within the text and the reason."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset


def advance(place: Place, text: str) -> tuple[Place, str]:
    """The place after a text, and the text as it is sent: without comments, and with stray ``<`` escaped.

    Raises:
        Unreadable: when the text breaks a tag.
    """
    out: list[str] = []
    at = 0
    while at < len(text):
        place, end, shown = _STEPS[place.state](place, text, at)
        out.append(shown)
        at = end
    return place, "".join(out)


Step = tuple[Place, int, str]


def _text(place: Place, text: str, at: int) -> Step:
    start = text.find("<", at)
    if start < 0:
        return place, len(text), text[at:]
    before = text[at:start]
    if text.startswith("<!--", start):
        return Place("comment"), start + 4, before
    found = _TAG.match(text, start)
    if found:
        return Place("tag", element=found[0][1:].lower()), found.end(), before + found[0]
    # A lone "<" could become a tag together with what data follows it.
    return place, start + 1, before + ("<" if _DECLARATION.match(text, start) else "&lt;")


def _comment(place: Place, text: str, at: int) -> Step:
    end = text.find("-->", at)
    return (place, len(text), "") if end < 0 else (Place(), end + 3, "")


def _tag(place: Place, text: str, at: int) -> Step:
    char = text[at]
    if char == ">":
        inside = place.element if place.element in RAW_ELEMENTS else ""
        return Place("raw" if inside else "text", element=inside), at + 1, char
    if char.isspace() or char == "/":
        return place, at + 1, char
    found = _NAME.match(text, at)
    if not found:
        raise Unreadable(at, f"unexpected {char!r} in a tag")
    named = Place("name", element=place.element, name=found[0].lower())
    return named, found.end(), found[0]


def _name(place: Place, text: str, at: int) -> Step:
    found = _NAME.match(text, at)
    if found:
        return replace(place, name=place.name + found[0].lower()), found.end(), found[0]
    return replace(place, state="after name"), at, ""


def _after_name(place: Place, text: str, at: int) -> Step:
    char = text[at]
    if char.isspace():
        return place, at + 1, char
    if char == "=":
        return replace(place, state="before value", attribute=_kind(place.name), url="start"), at + 1, char
    return Place("tag", element=place.element), at, ""


def _after_branch(place: Place, text: str, at: int) -> Step:
    # One branch ended within an attribute's name, the other did not: only what ends both ways may follow.
    if not _NAME_ENDS.match(text, at):
        raise Unreadable(at, "white space is missing after a condition within a tag")
    return Place("tag", element=place.element), at, ""


def _before_value(place: Place, text: str, at: int) -> Step:
    char = text[at]
    if char.isspace():
        return place, at + 1, char
    if char == ">":
        raise Unreadable(at, "the value of an attribute is missing")
    if char in "\"'":
        return replace(place, state="value", quote=char), at + 1, char
    return replace(place, state="value", quote=""), at, ""


def _value(place: Place, text: str, at: int) -> Step:
    if place.quote:
        end = text.find(place.quote, at)
    else:
        found = re.compile(r"[\s>]").search(text, at)
        end = found.start() if found else -1
    inside = text[at:] if end < 0 else text[at:end]
    if end < 0:
        return replace(place, url=_url_part(place, inside)), len(text), inside
    return Place("tag", element=place.element), end + len(place.quote), inside + place.quote


def _raw(place: Place, text: str, at: int) -> Step:
    end = re.compile(rf"</{place.element}(?=[\s/>])", re.IGNORECASE).search(text, at)
    if not end:
        return place, len(text), text[at:]
    return Place("tag", element="/" + place.element), end.end(), text[at : end.end()]


_STEPS = {
    "text": _text,
    "comment": _comment,
    "tag": _tag,
    "name": _name,
    "after name": _after_name,
    "after branch": _after_branch,
    "before value": _before_value,
    "value": _value,
    "raw": _raw,
}


def _kind(name: str) -> Attribute:
    space, _, local = name.removeprefix("data-").rpartition(":")
    if local.startswith("on") or local in _REFUSED:
        return "refused"
    if space == "xmlns" or local in _URLS or "uri" in local or "url" in local:
        return "url"
    return "style" if local == "style" else "plain"


def _url_part(place: Place, inside: str) -> UrlPart:
    if place.attribute != "url" or place.url in ("query", "unknown"):
        return place.url
    plain = html.unescape(inside)
    if "?" in plain or "#" in plain:
        return "query"
    return "path" if plain.strip() else place.url


def join(first: Place, second: Place) -> Place | None:
    """The place after two branches; None when they end in places that cannot be told apart later."""
    if first == second:
        return first
    if replace(first, url="start") == replace(second, url="start"):
        return replace(first, url="unknown")
    within_tag = ("tag", "name", "after name", "after branch")
    if first.state in within_tag and second.state in within_tag and first.element == second.element:
        return Place("after branch", element=first.element)
    return None
