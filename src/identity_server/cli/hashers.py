"""``kratos hashers argon2``."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from typing import Any, TypeVar

import click

from identity_server.cli import argon2_costs
from identity_server.cli.output import Table, Writer, output_format
from identity_server.cli.parameters import DURATION, SIZE

F = TypeVar("F", bound=Callable[..., Any])


def _costs(command: F) -> F:
    """The flags that every command here has."""
    for option in reversed(
        (
            click.option("--memory", type=SIZE, default="128MB", show_default=True, help="Memory of one hash."),
            click.option("--iterations", type=click.IntRange(1), default=1, show_default=True, help="Passes."),
            click.option("--parallelism", type=click.IntRange(1, 255), help="Lanes. [default: twice the processors]"),
            click.option("--salt-length", type=click.IntRange(16), default=16, show_default=True, help="Bytes."),
            click.option("--key-length", type=click.IntRange(16), default=32, show_default=True, help="Bytes."),
            click.option(
                "--dedicated-memory", type=SIZE, default="1GB", show_default=True, help="Memory for all hashes."
            ),
            click.option("--min-duration", type=DURATION, default="500ms", show_default=True, help="Time of a hash."),
            click.option(
                "--expected-deviation", type=DURATION, default="500ms", show_default=True, help="How far it may be off."
            ),
        )
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def argon2() -> None:
    """Measure Argon2id, and find parameters for this machine."""


@argon2.command("hash")
@click.argument("passwords", nargs=-1, required=True, metavar="PASSWORD…")
@_costs
@click.option("--parallel", is_flag=True, help="All at once.")
def hash_passwords(passwords: tuple[str, ...], parallel: bool, **flags: Any) -> int:
    """Hash passwords and print how long each took; the hashes are not printed.

    Other users of the machine can read arguments: take no real password.
    """
    costs = _read(flags)
    with ThreadPoolExecutor(len(passwords) if parallel else 1) as pool:
        for took in pool.map(lambda password: argon2_costs.measure(costs, password.encode()), passwords):
            click.echo(_seconds(took))
    return 0


@argon2.command("load-test")
@click.argument("per_minute", type=click.IntRange(1), metavar="SIGN-INS-A-MINUTE")
@_costs
@click.option("--sample-time", type=DURATION, default="20s", show_default=True, help="For how long.")
@output_format
def load_test(per_minute: int, sample_time: timedelta, writer: Writer, **flags: Any) -> int:
    """Hash as often as so many sign-ins a minute would, and print what that takes."""
    costs = _read(flags)
    at_once = max(1, flags["dedicated_memory"] // costs.memory)
    sample = argon2_costs.load_test(costs, per_minute, sample_time, at_once)
    values = {
        "TOTAL SAMPLE TIME": _seconds(sample.total),
        "MEDIAN REQUEST TIME": _seconds(sample.median),
        "STANDARD DEVIATION": _seconds(sample.deviation),
        "MIN REQUEST TIME": _seconds(min(sample.times)),
        "MAX REQUEST TIME": _seconds(max(sample.times)),
        "MEMORY USED": f"{sample.memory // argon2_costs.MIB}MB",
    }
    data = {name.lower().replace(" ", "_"): value for name, value in values.items()}
    writer.write(data, Table(tuple(values), [list(values.values())], single=True), [])
    return 0


_spelled_together = copy(load_test)
_spelled_together.hidden = True
argon2.add_command(_spelled_together, "loadtest")


@argon2.command()
@click.argument("per_minute", type=click.IntRange(1), metavar="SIGN-INS-A-MINUTE")
@_costs
@click.option("-m", "--start-memory", type=SIZE, help="Memory to start with. [default: --memory]")
@click.option("--max-memory", type=SIZE, help="The most memory of one hash. [default: half of --dedicated-memory]")
@click.option("--adjust-memory-by", type=SIZE, default="512MB", show_default=True, help="Steps of memory.")
@click.option("-i", "--start-iterations", type=click.IntRange(1), help="Passes to start with. [default: --iterations]")
@click.option("--max-concurrent", type=click.IntRange(1), default=16, show_default=True, help="Hashes at once.")
@click.option("-r", "--probe-runs", type=click.IntRange(1), default=2, show_default=True, help="Hashes a measurement.")
@click.option("--sample-time", type=DURATION, default="20s", show_default=True, help="Time of a load test.")
def calibrate(
    per_minute: int,
    start_memory: int | None,
    max_memory: int | None,
    adjust_memory_by: int,
    start_iterations: int | None,
    max_concurrent: int,
    probe_runs: int,
    sample_time: timedelta,
    **flags: Any,
) -> int:
    """Find parameters with which a hash takes the wished time, at so many sign-ins a minute."""
    start = _read({**flags, "memory": start_memory or flags["memory"]}, start_iterations)
    wish = argon2_costs.Wish(
        per_minute,
        flags["min_duration"],
        flags["expected_deviation"],
        max_memory or flags["dedicated_memory"] // 2,
        flags["dedicated_memory"],
        adjust_memory_by,
        max_concurrent,
        probe_runs,
        sample_time,
    )
    found = argon2_costs.calibrate(start, wish, lambda line: click.echo(line, err=True))
    click.echo("hashers:\n  algorithm: argon2\n  argon2:")
    click.echo(f"    memory: {found.memory // argon2_costs.MIB}MB\n    iterations: {found.iterations}")
    click.echo(f"    parallelism: {found.parallelism}")
    click.echo(f"    salt_length: {found.salt_length}\n    key_length: {found.key_length}")
    return 0


def _read(flags: dict[str, Any], iterations: int | None = None) -> argon2_costs.Costs:
    return argon2_costs.Costs(
        flags["memory"],
        iterations or flags["iterations"],
        argon2_costs.lanes(flags["parallelism"]),
        flags["salt_length"],
        flags["key_length"],
    )


def _seconds(value: float) -> str:
    return f"{value:.3f}s" if value >= 1 else f"{value * 1000:.2f}ms"
