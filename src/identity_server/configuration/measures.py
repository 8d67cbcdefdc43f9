"""Durations and sizes as Kratos writes them."""

import re
from datetime import timedelta

_MICROSECONDS = {"ns": 0.001, "us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_DURATION = re.compile(r"(?:[0-9]+(?:ns|us|ms|s|m|h))+")
_PART = re.compile(r"([0-9]+)(ns|us|ms|s|m|h)")
_SIZE = re.compile(r"([0-9]+)(B|KB|MB|GB|TB|PB|EB)")
_POWERS = {"B": 0, "KB": 1, "MB": 2, "GB": 3, "TB": 4, "PB": 5, "EB": 6}
#: About 292 years, the longest time Kratos can tell.
_LONGEST = timedelta(microseconds=2**63 // 1000)


def duration(text: str) -> timedelta:
    """``1h30m`` as a time span; what is finer than a microsecond is cut off.

    Raises:
        ValueError: when the text is no such duration, or longer than 292 years.
    """
    if not _DURATION.fullmatch(text) or len(text) > 100:
        raise ValueError("not a duration such as 30s, 15m or 1h30m")
    total = sum(int(number) * _MICROSECONDS[unit] for number, unit in _PART.findall(text))
    if total >= _LONGEST / timedelta(microseconds=1):
        raise ValueError("longer than 292 years")
    return timedelta(microseconds=int(total))


def size(text: str) -> int:
    """``128MB`` in bytes; a KB has 1024.

    Raises:
        ValueError: when the text is no such size.
    """
    match = _SIZE.fullmatch(text)
    if not match or len(text) > 30:
        raise ValueError("not a size such as 512KB, 128MB or 1GB")
    return int(match[1]) * 1024 ** _POWERS[match[2]]


def spell(span: timedelta) -> str:
    """A time span in the form that ``duration`` reads: ``1h30m0s`` as Go writes it."""
    micros = span // timedelta(microseconds=1)
    if micros < 1_000_000:
        return "0s" if not micros else f"{micros / 1000:g}ms" if micros >= 1000 else f"{micros}us"
    seconds, rest = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{seconds + rest / 1_000_000:.6f}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + tail
