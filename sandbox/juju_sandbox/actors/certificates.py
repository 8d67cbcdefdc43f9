"""self-signed-certificates: an authority of its own, handed on by `certificate_transfer` and `tls-certificates`."""

import datetime
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from juju_sandbox.actors.actor import Actor, provides
from juju_sandbox.store import Row

VALID_DAYS = 365


class SelfSignedCertificates(Actor):
    charm: ClassVar[str] = "self-signed-certificates"
    summary: ClassVar[str] = "a certificate authority of the sandbox's own"
    endpoints = provides(("certificates", "tls-certificates"), ("send-ca-cert", "certificate_transfer"))
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "ca-common-name": {"type": "string", "default": "sandbox"},
    }
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "get-ca-certificate": {"description": "Shows the authority's certificate."},
        "rotate-private-key": {"description": "Makes a new authority."},
    }

    def settle(self) -> tuple[str, str]:
        if not self.fact("certificate"):
            self._make_authority()
        return super().settle()

    def settle_relation(self, row: Row) -> None:
        pem = self.fact("certificate")
        if row["name"] == "send-ca-cert":
            self._transfer(row, pem)
        else:
            self._sign_requests(row, pem)

    def _transfer(self, row: Row, pem: str) -> None:
        """Version 1 to those who say that they read it, version 0 to all others."""
        if self.remote_bag(row).get("version") == "1":
            self.write(row, {"certificates": json.dumps([pem]), "version": "1"})
            self.write_unit(row, {"certificate": "", "ca": "", "chain": "", "version": ""})
        else:
            self.write_unit(row, {"certificate": pem, "ca": pem, "chain": json.dumps([pem]), "version": "0"})

    def _sign_requests(self, row: Row, pem: str) -> None:
        """Answers what every unit asks for in `certificate_signing_requests`."""
        asked: list[dict[str, Any]] = []
        for bag in [self.remote_bag(row), *self.remote_units(row).values()]:
            asked += json.loads(bag.get("certificate_signing_requests") or "[]")
        known = {
            each["certificate_signing_request"]: each
            for each in json.loads(self.own_bag(row).get("certificates") or "[]")
        }
        answers = [
            known.get(each["certificate_signing_request"]) or self._answer(each["certificate_signing_request"], pem)
            for each in asked
        ]
        self.write(row, {"certificates": json.dumps(answers) if answers else ""})

    def _answer(self, request: str, pem: str) -> dict[str, Any]:
        csr = x509.load_pem_x509_csr(request.encode())
        builder = _dated(x509.CertificateBuilder().subject_name(csr.subject).public_key(csr.public_key()))
        for extension in csr.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        made = _text(builder.issuer_name(self._authority.subject).sign(self._key, hashes.SHA256()))
        return {"certificate_signing_request": request, "certificate": made, "ca": pem, "chain": [made, pem]}

    def _make_authority(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.config["ca-common-name"])])
        builder = _dated(x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.set_fact("key", private.decode())
        self.set_fact("certificate", _text(builder.sign(key, hashes.SHA256())))

    @property
    def _authority(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.fact("certificate").encode())

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        key = serialization.load_pem_private_key(self.fact("key").encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        if action == "rotate-private-key":
            self._make_authority()
        return {"ca-certificate": self.fact("certificate")}


def _dated(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    builder = builder.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=VALID_DAYS))
    return builder.serial_number(x509.random_serial_number())


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode().strip()
