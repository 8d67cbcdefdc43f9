"""Certificates are checked, by the name that was asked for."""

import datetime
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from identity_server.outbound.client import OutboundClient
from identity_server.outbound.errors import OutboundError, Reason

from .conftest import Site, reply

pytestmark = pytest.mark.anyio


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with the key and the self-signed certificate of shop.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "shop.pem"
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(encoding)
    )
    return file


@pytest.fixture
async def shop(open_site: Callable[..., Awaitable[Site]], certificate: Path) -> Site:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    site = await open_site(context)
    site.pages["/"] = reply(body=b"open")
    return site


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def client(monkeypatch: pytest.MonkeyPatch, **more: object) -> OutboundClient:
    """A guarded client to whom this machine looks public, so that names can lead to the test's server."""
    monkeypatch.setattr("identity_server.outbound.addresses.is_public", lambda address: True)
    return OutboundClient(disallow_private=True, environment={}, resolver=here, **more)


async def test_the_guard_keeps_the_name_for_the_certificate(
    shop: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = client(monkeypatch, ssl_context=ssl.create_default_context(cafile=certificate))
    assert (await caller.request("GET", f"https://shop.example:{shop.port}/")).body == b"open"
    await caller.close()


async def test_a_certificate_of_another_name_is_refused(
    shop: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = client(monkeypatch, ssl_context=ssl.create_default_context(cafile=certificate))
    with pytest.raises(OutboundError) as refused:
        await caller.request("GET", f"https://bank.example:{shop.port}/")
    assert refused.value.reason is Reason.UNREACHABLE
    assert not shop.seen


async def test_a_certificate_nobody_vouches_for_is_refused(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutboundError):
        await client(monkeypatch).request("GET", f"https://shop.example:{shop.port}/")
    assert not shop.seen


async def test_the_file_of_authorities_may_be_named_by_the_environment(
    shop: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    caller = client(monkeypatch)
    assert (await caller.request("GET", f"https://shop.example:{shop.port}/")).body == b"open"
    await caller.close()
