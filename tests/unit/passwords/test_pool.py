"""The pool: bounded, off the loop, and silent about who exists."""

import asyncio
import logging
import os
import subprocess
import sys
import threading

import pytest

from identity_server.passwords.errors import HashTooCostly, PasswordTooLong, PoolBusy, UnsupportedHash
from identity_server.passwords.hashers import Argon2Hasher, BcryptHasher
from identity_server.passwords.pool import HashingPool
from identity_server.passwords.workers import Workers

pytestmark = pytest.mark.anyio


@pytest.fixture
def pool() -> HashingPool:
    return HashingPool(BcryptHasher(cost=4), workers=2)


async def test_a_password_matches_its_own_hash(pool: HashingPool) -> None:
    text = await pool.hash("wörd")
    assert await pool.verify(text, "wörd")
    assert not await pool.verify(text, "word")


async def test_a_lone_surrogate_is_a_wrong_password_and_no_error(pool: HashingPool) -> None:
    assert not await pool.verify(await pool.hash("word"), "\ud800")


async def test_a_password_too_long_to_hash_says_how_long_it_may_be(pool: HashingPool) -> None:
    with pytest.raises(PasswordTooLong, match="72"):
        await pool.hash("x" * 73)


async def test_a_megabyte_is_no_password() -> None:
    pool = HashingPool(Argon2Hasher(memory=64, parallelism=1))
    text = await pool.hash("x" * 4096)
    assert await pool.verify(text, "x" * 4096)
    assert not await pool.verify(text, "x" * 1_000_000)


async def test_a_stored_hash_nobody_can_read_matches_nothing_and_is_reported(
    pool: HashingPool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert not await pool.verify("$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", "word")
    assert "argon2 memory" in caplog.text
    assert "c29tZXNhbHQ" not in caplog.text


class Counting(BcryptHasher):
    made = 0

    def hash(self, password: bytes) -> str:
        Counting.made += 1
        return super().hash(password)


@pytest.mark.parametrize("password", ["word", "", "x" * 500])
async def test_t1_an_unknown_identifier_costs_one_hash_of_the_configured_kind(password: str) -> None:
    pool = HashingPool(Counting(cost=4))
    before = Counting.made
    assert not await pool.dummy_verify(password)
    assert Counting.made == before + 1


async def test_import_is_bounded_by_what_the_hasher_writes(pool: HashingPool) -> None:
    assert pool.parse("$md5$8DPPGlgz+xf1bjnb4b+Skw==").algorithm == "md5"
    with pytest.raises(HashTooCostly):
        pool.parse("$2a$16$" + "a" * 53)
    with pytest.raises(UnsupportedHash):
        pool.parse("$argon2id$")


async def test_nothing_starts_before_the_first_password() -> None:
    before = threading.active_count()
    pool = HashingPool(BcryptHasher(cost=4), workers=2)
    assert threading.active_count() == before
    await pool.hash("word")
    assert threading.active_count() == before + 1


async def test_t19_no_more_run_at_a_time_than_there_are_workers() -> None:
    workers, running, most = Workers(count=2, waiting=50), 0, 0
    lock = threading.Lock()

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    await asyncio.gather(*(workers.run(job) for _ in range(20)))
    assert most == 2


PARALLEL_LOGINS = """
import asyncio, resource
from identity_server.passwords.hashers import Argon2Hasher
from identity_server.passwords.pool import HashingPool

async def main():
    pool = HashingPool(Argon2Hasher(memory=48 * 1024, parallelism=1), workers=2)
    text = await pool.hash("word")
    matched = await asyncio.gather(*(pool.verify(text, "word") for _ in range(32)))
    assert matched == [True] * 32

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asyncio.run(main())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_t19_parallel_argon2_logins_take_no_more_memory_than_the_workers_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARALLEL_LOGINS],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) <= (2 * 48 + 100) * 1024


async def test_t19_a_full_queue_answers_at_once_with_when_to_come_back() -> None:
    workers, gate = Workers(count=1, waiting=2), threading.Event()
    held = [asyncio.ensure_future(workers.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(PoolBusy) as busy:
        await workers.run(gate.wait)
    assert busy.value.retry_after >= 1
    gate.set()
    assert await asyncio.gather(*held) == [True] * 3
    assert await workers.run(lambda: "room again") == "room again"


async def test_a_caller_that_leaves_gives_its_place_back() -> None:
    workers, gate, ran = Workers(count=1, waiting=1), threading.Event(), []
    first = asyncio.ensure_future(workers.run(gate.wait))
    second = asyncio.ensure_future(workers.run(lambda: ran.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    third = asyncio.ensure_future(workers.run(lambda: ran.append("third")))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, third)
    assert ran == ["third"]


async def test_f28_the_threads_claim_less_of_the_processor_than_the_loop() -> None:
    workers = Workers(count=1, waiting=1)
    nice = await workers.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert nice > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_f28_the_loop_turns_while_passwords_are_hashed() -> None:
    pool = HashingPool(BcryptHasher(cost=10), workers=1)
    hashing = asyncio.ensure_future(pool.hash("word"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 1


async def test_an_error_of_a_job_reaches_its_caller_and_the_worker_lives_on() -> None:
    workers = Workers(count=1, waiting=1)
    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda: 1 // 0)
    assert await workers.run(lambda: 2) == 2
