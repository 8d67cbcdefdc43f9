"""OpenFGA behind TLS, with a certificate of an authority of one's own."""

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from identity_charm.fga_client import FgaClient, FgaError
from identity_charm.relations.openfga import OpenFga
from unit.charm.fga_stub import FgaStub
from unit.charm.states import PEM


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the key and the self-signed certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "openfga")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    plain = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "openfga.pem"
    file.write_bytes(plain + made.public_bytes(encoding))
    return file


@pytest.fixture
def fga(certificate: Path) -> Iterator[FgaStub]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with FgaStub(context) as stub:
        yield stub


def client(fga: FgaStub, *authorities: str) -> FgaClient:
    return FgaClient(OpenFga(True, fga.url, "store", "fga-token", authorities))


def test_an_authority_that_was_received_is_trusted(fga: FgaStub, certificate: Path) -> None:
    pem = certificate.read_text(encoding="ascii")
    authority = pem[pem.index("-----BEGIN CERTIFICATE") :]
    assert fga.url.startswith("https://")
    assert client(fga, PEM, authority).appoint("ann@shop.test") is True
    assert fga.administrators() == {"user:ann@shop.test"}


def test_without_it_the_sentence_says_what_to_integrate(fga: FgaStub) -> None:
    with pytest.raises(FgaError, match=r"not to be trusted: integrate receive-ca-cert"):
        client(fga).is_administrator("ann@shop.test")


def test_who_speaks_no_tls_is_not_taken_for_absent() -> None:
    with FgaStub() as plain:
        store = OpenFga(True, plain.url.replace("http:", "https:"), "store", "fga-token")
        with pytest.raises(FgaError, match="no secure connection"):
            FgaClient(store).is_administrator("ann@shop.test")
