"""``receive-ca-cert``: authorities the server shall trust. Version 1 and the genuine version 0 are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ops

from . import bags

ENDPOINT = "receive-ca-cert"
BUNDLE_FILE = "/etc/config/kratos/ca-certificates.pem"
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Certificates:
    """PEM texts, sorted, each once.

    Attributes:
        problems: what of them cannot be used.
    """

    pems: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "Certificates":
        """Read all relations; of one that sent what is no certificate, nothing is trusted."""
        found: set[str] = set()
        problems: list[str] = []
        for relation, bag in bags.remotes(model, ENDPOINT):
            with bags.noted(problems):
                found |= set(_of(relation, bag))
        return cls(tuple(sorted(found)), tuple(problems))

    def bundle(self, system: str) -> str | None:
        """These and the authorities of the image in one file; ``None`` when there is nothing to add."""
        return "\n".join([system.rstrip(), *self.pems, ""]) if self.pems else None


def publish(model: ops.Model) -> None:
    """Say that we read version 1."""
    for relation in model.relations[ENDPOINT]:
        bags.write(relation, model.app, {"version": "1"})


def _of(relation: ops.Relation, bag: Mapping[str, str]) -> Iterator[str]:
    texts = bags.parsed(ENDPOINT, "certificates", bag["certificates"]) if bag.get("certificates") else []
    if not isinstance(texts, list):
        raise bags.RelationError(f"{ENDPOINT}: certificates must be a list")
    if not texts:
        for unit in sorted(relation.units, key=lambda one: one.name):
            texts += _older(relation.data[unit])
    for text in texts:
        yield from _pems(str(text))


def _older(bag: Mapping[str, str]) -> list[str]:
    """``ca`` and ``chain`` of version 0: plain text from its own authors, JSON from those of version 1."""
    texts = [_text(bag.get("ca", ""))]
    chain = bag.get("chain", "")
    texts += bags.parsed(ENDPOINT, "chain", chain) if chain.startswith("[") else [_text(chain)]
    return [text for text in texts if text] or [text for text in [_text(bag.get("certificate", ""))] if text]


def _text(value: str) -> str:
    return str(bags.parsed(ENDPOINT, "ca", value)) if value.startswith('"') else value


def _pems(text: str) -> Iterator[str]:
    """The certificates of a text, which may hold a chain. What stands between them does not get into a bundle."""
    blocks = text.split(BEGIN)[1:]
    if not blocks:
        raise bags.RelationError(f"{ENDPOINT}: what was sent is not a PEM certificate")
    for block in blocks:
        body, end, _ = block.partition(END)
        if not end or not set(body) <= _BASE64:
            raise bags.RelationError(f"{ENDPOINT}: what was sent is not a PEM certificate")
        yield BEGIN + body + END


_BASE64 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n")
