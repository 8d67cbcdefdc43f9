"""Page or script: what a client wants to be answered with."""

from collections.abc import Mapping

JSON = "application/json"
HTML = "text/html"


def _ranges(accept: str) -> list[tuple[str, float]]:
    ranges: list[tuple[str, float]] = []
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        ranges.append((media.lower(), quality))
    return ranges


def _quality(ranges: list[tuple[str, float]], media: str) -> float:
    family = media.partition("/")[0] + "/*"
    for wanted in (media, family, "*/*"):
        for name, quality in ranges:
            if name == wanted:
                return quality
    return 0.0


def accepts_json(accept: str) -> bool:
    """Whether JSON is liked better than a page; a page wins when both are liked as much."""
    if not accept:
        return False
    ranges = _ranges(accept)
    return _quality(ranges, JSON) > _quality(ranges, HTML)


def submits_json(headers: Mapping[str, str]) -> bool:
    """The same for submissions: a body of exactly ``application/json`` asks for JSON, whatever is accepted."""
    return headers.get("content-type") == JSON or accepts_json(headers.get("accept", ""))
