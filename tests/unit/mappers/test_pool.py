"""Snippets that are right, wrong, endless and hostile."""

import asyncio
import os
import resource
from pathlib import Path

import pytest

from identity_server.mappers.errors import MapperError, Reason
from identity_server.mappers.pool import JsonnetPool

pytestmark = pytest.mark.anyio

ENDLESS = "local f(n) = if n == 0 then 1 else f(n - 1) + f(n - 1); f(100)"
CLAIMS_MAPPER = """
local claims = std.extVar('claims');
{ identity: { traits: { email: claims.email, [if 'name' in claims then 'nickname']: claims.name } } }
"""


async def refusal(pool: JsonnetPool, snippet: str, **values: object) -> MapperError:
    with pytest.raises(MapperError) as refused:
        await pool.evaluate(snippet, values)
    return refused.value


async def test_a_mapper_reads_the_claims(pool: JsonnetPool) -> None:
    claims = {"email": "eva@example.org", "name": "Eva"}
    value = await pool.evaluate(CLAIMS_MAPPER, {"claims": claims})
    assert value == {"identity": {"traits": {"email": "eva@example.org", "nickname": "Eva"}}}


async def test_a_function_gets_its_context(pool: JsonnetPool) -> None:
    assert await pool.evaluate("function(ctx) { to: ctx.recipient }", tla={"ctx": {"recipient": "+49"}}) == {
        "to": "+49"
    }


async def test_a_snippet_that_is_no_function_ignores_the_context(pool: JsonnetPool) -> None:
    assert await pool.evaluate("[1]", tla={"ctx": {}}) == [1]


@pytest.mark.parametrize(
    "value",
    [
        "'; error 'out of the text",
        '"',
        "\\",
        "|||\n",
        "\u2028\0\x7f",
        "😀",
        {"a": [1, -0.5, None, True]},
        1_700_000_000_000,
    ],
)
async def test_values_arrive_as_they_are(pool: JsonnetPool, value: object) -> None:
    assert await pool.evaluate("std.extVar('value')", {"value": value}) == value


async def test_the_text_a_snippet_raises_is_told_apart(pool: JsonnetPool) -> None:
    refused = await refusal(pool, "error 'cancel'")
    assert (refused.reason, refused.raised) == (Reason.SNIPPET, "cancel")


@pytest.mark.parametrize(
    "snippet", ["{a: }", "", "nothing", "std.extVar('unset')", "function(x) x", "{a: function() 1}"]
)
async def test_a_wrong_snippet_is_an_error_and_raises_nothing_itself(pool: JsonnetPool, snippet: str) -> None:
    refused = await refusal(pool, snippet)
    assert refused.reason is Reason.SNIPPET
    assert refused.detail


async def test_the_error_text_shows_none_of_the_values(pool: JsonnetPool) -> None:
    refused = await refusal(pool, "error std.extVar('claims').secret", claims={"secret": "s3cr3t"})
    assert "s3cr3t" not in str(refused)
    assert "s3cr3t" not in repr(refused)


@pytest.mark.parametrize("kind", ["import", "importstr", "importbin"])
@pytest.mark.parametrize("name", ["/etc/passwd", "/proc/self/environ", "snippet", "../x.libsonnet"])
async def test_t18_imports_are_refused(pool: JsonnetPool, kind: str, name: str) -> None:
    refused = await refusal(pool, f"{kind} '{name}'")
    assert refused.reason is Reason.SNIPPET
    assert "not allowed" in refused.detail


HOSTILE = {
    "endless recursion": "local f(n) = f(n) + f(n); f(1)",
    "a gigabyte of text": "std.repeat('a', 1e9)",
    "doubling text": "std.foldl(function(a, b) a + a, std.range(1, 40), 'aaaa')",
    "a huge array": "std.makeArray(1e9, function(i) i)",
    "deep nesting": "[" * 100_000,
    "deep nesting of operators": "-" * 100_000 + "1",
    "a long result": "std.repeat('a', 262143)",
    "a deep result": "local f(n) = if n == 0 then {} else { a: f(n - 1) }; f(450)",
    "not a number": "1e400 * 2",
}


@pytest.mark.parametrize("snippet", HOSTILE.values(), ids=HOSTILE.keys())
async def test_t18_a_hostile_snippet_ends_in_an_error_and_the_next_one_runs(pool: JsonnetPool, snippet: str) -> None:
    await refusal(pool, snippet)
    assert await pool.evaluate("1 + 1") == 2


async def test_t18_an_endless_snippet_is_stopped_and_the_next_one_runs() -> None:
    pool = JsonnetPool(max_workers=1, timeout=0.3)
    assert (await refusal(pool, ENDLESS)).reason is Reason.TIMEOUT
    assert await pool.evaluate("1 + 1") == 2
    await pool.close()


async def test_t18_the_servers_memory_does_not_grow(pool: JsonnetPool) -> None:
    await pool.evaluate("1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for snippet in ("std.repeat('a', 1e9)", "std.repeat('a', 1e8)", "std.range(1, 3e6)"):
        await refusal(pool, snippet)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 * 1024


async def test_a_result_may_have_256_kib(pool: JsonnetPool) -> None:
    size = 256 * 1024 - 2
    assert await pool.evaluate(f"std.repeat('a', {size})") == "a" * size
    assert (await refusal(pool, f"std.repeat('a', {size + 1})")).reason is Reason.OUTPUT


async def test_memory_has_its_own_reason(pool: JsonnetPool) -> None:
    assert (await refusal(pool, "std.repeat('a', 1e9)")).reason is Reason.MEMORY


@pytest.mark.parametrize("value", ["x" * 5_000_000, 10**30, {1: 2}, object()])
async def test_values_that_are_too_large_or_no_json_are_refused(pool: JsonnetPool, value: object) -> None:
    assert (await refusal(pool, "1", value=value)).reason is Reason.INPUT


async def test_a_caller_that_leaves_stops_its_snippet(pool: JsonnetPool) -> None:
    await pool.evaluate("1")
    running = asyncio.ensure_future(pool.evaluate(ENDLESS))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not workers()
    assert await pool.evaluate("1 + 1") == 2


async def test_who_waits_too_long_is_told_that_the_pool_is_busy() -> None:
    pool = JsonnetPool(max_workers=1, timeout=30, patience=0.05)
    running = asyncio.ensure_future(pool.evaluate(ENDLESS))
    await asyncio.sleep(0)
    assert (await refusal(pool, "1")).reason is Reason.BUSY
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_no_more_processes_run_than_allowed_and_none_before_the_first_snippet() -> None:
    pool = JsonnetPool(max_workers=2)
    assert not workers()
    assert await asyncio.gather(*(pool.evaluate(str(number)) for number in range(20))) == list(range(20))
    assert 1 <= len(workers()) <= 2
    await pool.close()
    assert not workers()


async def test_a_worker_killed_from_outside_is_replaced(pool: JsonnetPool) -> None:
    await pool.evaluate("1")
    (pid,) = workers()
    os.kill(pid, 9)
    await pool._idle[0]._process.wait()
    assert await pool.evaluate("2") == 2


async def test_a_worker_killed_at_work_is_an_error_and_replaced(pool: JsonnetPool) -> None:
    await pool.evaluate("1")
    running = asyncio.ensure_future(refusal(pool, ENDLESS))
    await asyncio.sleep(0)
    (pid,) = workers()
    os.kill(pid, 9)
    assert (await running).reason is Reason.CRASH
    assert await pool.evaluate("2") == 2


async def test_a_worker_knows_nothing_of_the_servers_environment(
    pool: JsonnetPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSN", "postgres://user:s3cr3t@db/")
    await pool.evaluate("1")
    for pid in workers():
        assert "s3cr3t" not in about(pid, "environ")
        assert "s3cr3t" not in about(pid, "cmdline")


async def test_a_worker_stops_by_itself_when_the_server_is_gone() -> None:
    """Its processor time is limited; the server's clock is only the first of two."""
    pool = JsonnetPool(max_workers=1, timeout=0.2)
    await pool.evaluate("1")
    (pid,) = workers()
    (processor,) = [line.split()[3] for line in about(pid, "limits").splitlines() if line.startswith("Max cpu time")]
    assert int(processor) <= 3
    await pool.close()


def about(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def workers() -> list[int]:
    """The worker processes that this process started and that still run."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            program = (status.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid() and state != "Z" and b"worker.py" in program:
            found.append(int(status.parent.name))
    return found
