"""Functions on moments. A moment is an RFC 3339 text or a number of seconds since 1970; there is no ``now``, so that
a mail says the same whenever it is rendered."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import show
from identity_server.courier.go_templates.functions import Function
from identity_server.courier.go_templates.number_functions import whole

# Go spells a layout by how it would write one moment: Monday, 2 January 2006, 15:04:05 MST (-0700).
_LAYOUT = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|-07:00|-0700|-07|Z07:00|Z0700|[.,]0+(?!\d)|[.,]9+(?!\d)"
    r"|01|02|03|04|05|06|002|15|PM|pm|_2|1|2|3|4|5"
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def moment(value: Any) -> datetime:
    """The moment that a value stands for.

    Raises:
        FunctionError: when it stands for none.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(show(value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise FunctionError("a moment is a text such as 2026-05-17T09:30:00Z or a number of seconds") from None


def zone(name: Any) -> tzinfo:
    """A time zone by its name, such as ``Europe/Berlin``.

    Raises:
        FunctionError: when there is none of the name.
    """
    try:
        return UTC if show(name) in ("", "UTC") else ZoneInfo(show(name))
    except (ValueError, OSError, LookupError):
        raise FunctionError("there is no such time zone") from None


def date(layout: Any, value: Any, zone_name: Any = "UTC") -> str:
    """A moment in Go's layout."""
    try:
        when = moment(value).astimezone(zone(zone_name))
    except OverflowError:
        raise FunctionError("the moment lies outside of the calendar") from None
    return _LAYOUT.sub(lambda found: _part(found[0], when), show(layout))


def _part(part: str, when: datetime) -> str:
    hour = when.hour % 12 or 12
    if part[0] in ".,":
        digits = f"{when.microsecond:06}000"[: len(part) - 1]
        digits = digits if "0" in part else digits.rstrip("0")
        return part[0] + digits if digits else ""
    if part[0] in "-Z" and "07" in part:
        return _offset(part, when)
    shown = {
        "January": _MONTHS[when.month - 1],
        "Jan": _MONTHS[when.month - 1][:3],
        "Monday": _DAYS[when.weekday()],
        "Mon": _DAYS[when.weekday()][:3],
        "MST": when.tzname() or "UTC",
        "2006": f"{when.year:04}",
        "06": f"{when.year % 100:02}",
        "01": f"{when.month:02}",
        "1": str(when.month),
        "02": f"{when.day:02}",
        "_2": f"{when.day:2}",
        "2": str(when.day),
        "002": f"{when.timetuple().tm_yday:03}",
        "15": f"{when.hour:02}",
        "03": f"{hour:02}",
        "3": str(hour),
        "04": f"{when.minute:02}",
        "4": str(when.minute),
        "05": f"{when.second:02}",
        "5": str(when.second),
        "PM": "AM" if when.hour < 12 else "PM",
        "pm": "am" if when.hour < 12 else "pm",
    }
    return shown[part]


def _offset(part: str, when: datetime) -> str:
    offset = when.utcoffset() or timedelta()
    if part[0] == "Z" and not offset:
        return "Z"
    minutes = int(abs(offset).total_seconds()) // 60
    sign = "-" if offset < timedelta() else "+"
    if part == "-07":
        return f"{sign}{minutes // 60:02}"
    return f"{sign}{minutes // 60:02}{':' if ':' in part else ''}{minutes % 60:02}"


def duration(seconds: Any) -> str:
    """Seconds as ``1h2m3s``."""
    total = whole(seconds)
    hours, minutes, rest = abs(total) // 3600, abs(total) // 60 % 60, abs(total) % 60
    shown = f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"
    return "-" * (total < 0) + shown


DATES = {
    "date": Function(date, 2, 2),
    "dateInZone": Function(lambda layout, value, name: date(layout, value, name), 3, 3),
    "date_in_zone": Function(lambda layout, value, name: date(layout, value, name), 3, 3),
    "htmlDate": Function(lambda value: date("2006-01-02", value), 1, 1),
    "unixEpoch": Function(lambda value: str(int(moment(value).timestamp())), 1, 1),
    "duration": Function(duration, 1, 1),
}
