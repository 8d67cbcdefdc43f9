"""T33: what lies under an older cipher secret, or under none, is sealed anew, so that old secrets may go."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from identity_server import resealing
from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher, NoopCipher, build_cipher
from identity_server.ciphers.errors import Unreadable
from identity_server.storage import tables
from identity_server.storage.port import Statement
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
OLD, NEW = "an-old-cipher-secret-of-32-chars", "a-new-cipher-secret-of-32-chars!"
XCHACHA = "xchacha20-poly1305"
_C = tables.identity_credentials
_CONFIGS = Statement(select(_C.c.type, _C.c.config).order_by(_C.c.type))


def cipher(*secrets: str) -> Cipher:
    return build_cipher(XCHACHA, secrets)


def ciphers(*secrets: str, algorithm: str = XCHACHA) -> dict[str, Any]:
    return {"ciphers": {"algorithm": algorithm}, "secrets": {"cipher": list(secrets)}}


async def configs(server: Server) -> dict[str, Any]:
    rows = await server.runtime.services.database.fetch(_CONFIGS())
    return {str(kind): orjson.loads(text) for kind, text in rows}


async def person_with_everything(server: Server, sealing: Cipher) -> None:
    """An account with tokens, an authenticator and backup codes, as a server with a cipher stored them."""
    identity = await server.create("ada@example.com")
    database, now = server.runtime.services.database, server.runtime.services.now()
    token = sealing.encrypt(b"access-1")
    held = {
        "oidc": {"providers": [{"subject": "1", "provider": "p", "initial_access_token": token}]},
        "totp": {"totp_url": at_rest.sealed(sealing, "otpauth://totp/a?secret=AAAA")},
        "lookup_secret": {"recovery_codes": [{"code": at_rest.sealed(sealing, "abcd1234"), "used_at": None}]},
    }
    for kind, config in held.items():
        await database.fetch(
            Statement(
                _C.insert().values(
                    identity_id=identity["id"],
                    type=kind,
                    identifiers="[]",
                    config=orjson.dumps(config).decode(),
                    version=0,
                    created_at=now,
                    updated_at=now,
                ),
                writes=True,
            )()
        )


async def test_t33_what_an_older_secret_sealed_opens_with_the_new_one_alone_afterwards(
    tmp_path: Path, dsn: str
) -> None:
    async with serving(tmp_path, dsn, ciphers(NEW, OLD)) as server:
        await person_with_everything(server, cipher(OLD))
        assert await resealing.reseal(server.runtime.services) == 3
        assert await resealing.reseal(server.runtime.services) == 0
        found, alone = await configs(server), cipher(NEW)
    assert alone.decrypt(found["oidc"]["providers"][0]["initial_access_token"]) == b"access-1"
    assert at_rest.opened(alone, found["totp"]["totp_url"]).startswith("otpauth://")
    assert at_rest.opened(alone, found["lookup_secret"]["recovery_codes"][0]["code"]) == "abcd1234"


async def test_t33_what_lay_there_readable_is_sealed(tmp_path: Path, dsn: str) -> None:
    async with serving(tmp_path, dsn, ciphers(NEW)) as server:
        await person_with_everything(server, NoopCipher())
        assert "otpauth://" in str(await configs(server))
        assert await resealing.reseal(server.runtime.services) == 3
        found = str(await configs(server))
    assert not [word for word in ("otpauth", "abcd1234", b"access-1".hex()) if word in found]


async def test_t33_what_no_secret_opens_stays_and_the_rest_is_sealed_anew(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=ciphers(NEW)) as server:
        await person_with_everything(server, cipher(OLD))
        before = await configs(server)
        assert await resealing.reseal(server.runtime.services) == 0
        assert await configs(server) == before
    async with serving(tmp_path, overrides=ciphers(NEW, OLD)) as server:
        assert await resealing.reseal(server.runtime.services) == 3


async def test_t33_without_a_cipher_nothing_is_touched(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=ciphers(NEW, algorithm="noop")) as server:
        await person_with_everything(server, NoopCipher())
        before = await configs(server)
        assert await resealing.reseal(server.runtime.services) == 0
        assert await configs(server) == before


async def test_t33_a_change_made_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path, overrides=ciphers(NEW, OLD)) as server:
        await person_with_everything(server, cipher(OLD))
        services = server.runtime.services
        renew = resealing.renew

        def meanwhile(*args: Any) -> Any:
            monkeypatch.setattr(services.once, "replace_config", refuse)
            return renew(*args)

        async def refuse(*_: Any) -> bool:
            return False

        monkeypatch.setattr(resealing, "renew", meanwhile)
        assert await resealing.reseal(services) == 0
        monkeypatch.undo()
        assert await resealing.reseal(services) == 3, "the pass that left something is made again"


@pytest.mark.parametrize("stored", ["zz", "00ff", b"\xc3\xa9t\xc3\xa9".hex()])
async def test_t33_what_is_neither_sealed_nor_a_token_is_not_taken_for_one(stored: str) -> None:
    with pytest.raises(Unreadable):
        resealing.renew(cipher(NEW), "oidc", {"providers": [{"initial_id_token": stored}]})
