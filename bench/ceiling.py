"""The most that this stack can do on the machine at hand: one indexed read, one body of the size of a session.

No routing, no middleware, no log. What share of it the server reaches says more than a rate, which depends on the
machine and on what else runs there.
"""

import asyncio
import os
import sys
from typing import Any

import asyncpg

DSN = os.environ.get("CEILING_DSN", "postgres://postgres@127.0.0.1/postgres")
TOKEN = "ceiling-token"
_BODY = '{"active":true,"padding":"' + "x" * 1270 + '"}'
_READ = "SELECT body FROM ceiling WHERE token = $1 AND expires_at > now()"
_START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}

_pools: list[asyncpg.Pool] = []


async def prepare() -> None:
    """Makes the table and its row."""
    connection = await asyncpg.connect(DSN)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS ceiling (token text PRIMARY KEY, expires_at timestamptz NOT NULL, body text)"
        )
        await connection.execute(
            "INSERT INTO ceiling VALUES ($1, now() + interval '1 day', $2) ON CONFLICT DO NOTHING", TOKEN, _BODY
        )
        await connection.execute("ANALYZE ceiling")
    finally:
        await connection.close()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request with the row that its token names."""
    if scope["type"] == "lifespan":
        message = await receive()
        while message["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
            message = await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if not _pools:
        _pools.append(await asyncpg.create_pool(DSN, min_size=4, max_size=8))
    token = next(value for name, value in scope["headers"] if name == b"x-session-token")
    async with _pools[0].acquire() as connection:
        row = await connection.fetchrow(_READ, token.decode())
    await send(_START)
    await send({"type": "http.response.body", "body": row["body"].encode()})


if __name__ == "__main__":
    if sys.argv[1:] != ["prepare"]:
        raise SystemExit("usage: CEILING_DSN=… ceiling.py prepare")
    asyncio.run(prepare())
