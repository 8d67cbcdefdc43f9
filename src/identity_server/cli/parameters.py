"""Kinds of values that flags take, besides click's own."""

from datetime import timedelta

import click

from identity_server import times
from identity_server.configuration import measures


class DurationType(click.ParamType[timedelta]):
    """Go's durations: ``1m30s``."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return measures.duration(str(value))
        except ValueError as error:
            self.fail(f"{str(value)[:60]!r} is {error}", param, ctx)

    def read(self, text: str) -> timedelta:
        """A duration of the configuration."""
        return self.convert(text, None, None)


class SizeType(click.ParamType[int]):
    """Sizes with a unit, in bytes: ``128MB``."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return measures.size(str(value).upper())
        except ValueError as error:
            self.fail(f"{str(value)[:60]!r} is {error}", param, ctx)


class MomentType(click.ParamType[str]):
    """Times in RFC 3339, in the form in which the server stores them."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return times.text(times.parse(str(value)))
        except (ValueError, OverflowError):
            self.fail(f"{str(value)[:60]!r} is no time such as 2026-05-31T09:30:00Z", param, ctx)


DURATION = DurationType()
SIZE = SizeType()
MOMENT = MomentType()
