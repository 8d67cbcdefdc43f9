"""T19: an imported hash whose check would take the machine down is refused before it is stored."""

import base64
from typing import Any

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio
SALT = base64.b64encode(b"sixteen-salty-by").decode()
KEY = base64.b64encode(b"k" * 32).decode()
RAW_SALT, RAW_KEY = SALT.rstrip("="), KEY.rstrip("=")
BCRYPT = "FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u"

COSTLY = [
    f"$argon2id$v=19$m=16777216,t=1,p=1${RAW_SALT}${RAW_KEY}",
    f"$argon2id$v=19$m=1048577,t=1,p=1${RAW_SALT}${RAW_KEY}",
    f"$argon2id$v=19$m=1024,t=11,p=1${RAW_SALT}${RAW_KEY}",
    f"$argon2id$v=19$m=1024,t=1,p=17${RAW_SALT}${RAW_KEY}",
    f"$argon2i$v=19$m=4294967295,t=4294967295,p=255${RAW_SALT}${RAW_KEY}",
    f"$2b$16${BCRYPT}",
    f"$2y$31${BCRYPT}",
    f"$scrypt$ln=262144,r=8,p=1${SALT}${KEY}",
    f"$scrypt$ln=16384,r=9,p=1${SALT}${KEY}",
    f"$scrypt$ln=16384,r=8,p=11${SALT}${KEY}",
    f"$scrypt$ln=99999999999999999999,r=8,p=1${SALT}${KEY}",
    f"$firescrypt$ln=18,r=8,p=1${SALT}${KEY}${SALT}${KEY}",
    f"$pbkdf2-sha256$i=10000001,l=32${RAW_SALT}${RAW_KEY}",
    f"$pbkdf2-sha512$i=99999999999,l=32${RAW_SALT}${RAW_KEY}",
    "$sha512-crypt$rounds=999999999$saltsaltsalt$" + "x" * 86,
    "$sha1$pf=" + "A" * 100_000,
]
BOUNDARY = [
    f"$argon2id$v=19$m=1048576,t=10,p=16${RAW_SALT}${RAW_KEY}",
    f"$2b$15${BCRYPT}",
    f"$scrypt$ln=131072,r=8,p=10${SALT}${KEY}",
    f"$pbkdf2-sha256$i=10000000,l=32${RAW_SALT}${RAW_KEY}",
]


def importing(text: str, email: str = "ada@example.com") -> dict[str, Any]:
    return {"traits": {"email": email}, "credentials": {"password": {"config": {"hashed_password": text}}}}


async def test_a_costly_hash_is_refused_on_every_way_in(server: Server) -> None:
    made = await server.create("bob@example.com")
    for text in COSTLY:
        create = await server.admin.post("/admin/identities", json=importing(text))
        batch = await server.admin.patch("/admin/identities", json={"identities": [{"create": importing(text)}]})
        replace = await server.admin.put(f"/admin/identities/{made['id']}", json=importing(text, "bob@example.com"))
        assert (create.status_code, batch.status_code, replace.status_code) == (400, 400, 400), text
    (only,) = (await server.admin.get("/admin/identities?include_credential=password")).json()
    assert only["credentials"]["password"]["config"] == {}


async def test_what_is_within_bounds_is_taken(server: Server) -> None:
    for number, text in enumerate(BOUNDARY):
        answer = await server.admin.post("/admin/identities", json=importing(text, f"p{number}@example.com"))
        assert answer.status_code == 201, text


async def test_a_hash_that_got_in_past_the_bounds_is_not_computed(server: Server) -> None:
    """A row from elsewhere: the bounds hold whenever a password is compared, and the login is a wrong password."""
    made = await server.create(
        "ada@example.com", credentials={"password": {"config": {"hashed_password": f"$2b$04${BCRYPT}"}}}
    )
    identity = await server.runtime.services.identities.by_id(made["id"])
    assert identity is not None
    identity.credentials["password"].config = {"hashed_password": COSTLY[0]}
    await server.runtime.services.identities.update(identity)
    assert (await server.log_in("ada@example.com", "brisk-Otter-71")).status_code == 400
