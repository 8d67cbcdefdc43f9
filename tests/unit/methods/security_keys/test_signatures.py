"""Every algorithm that is asked for is understood, and no other."""

from collections.abc import Callable

import cbor2
import pytest

from identity_server.methods.security_keys import signatures
from identity_server.methods.security_keys.options import ALGORITHMS
from identity_server.methods.security_keys.signatures import UnusableKey
from software_keys import Pair, edwards, elliptic, with_rsa

DATA = b"what was signed"
MAKERS: dict[int, Callable[[], Pair]] = {
    **{number: (lambda number=number: elliptic(number)) for number in (-7, -35, -36)},
    **{number: (lambda number=number: with_rsa(number)) for number in (-257, -258, -259, -37, -38, -39)},
    -8: edwards,
}


def test_all_that_is_asked_for_is_tested_here() -> None:
    assert set(MAKERS) == set(ALGORITHMS)


@pytest.mark.parametrize("number", ALGORITHMS)
def test_a_signature_is_known_by_its_key_alone(number: int) -> None:
    pair, other = MAKERS[number](), MAKERS[number]()
    signature = pair.sign(DATA)
    key = cbor2.dumps(pair.cose)
    assert signatures.is_signed(key, signature, DATA)
    assert not signatures.is_signed(key, signature, DATA + b"!")
    assert not signatures.is_signed(key, other.sign(DATA), DATA)
    assert not signatures.is_signed(key, b"", DATA)
    assert not signatures.is_signed(cbor2.dumps(other.cose), signature, DATA)


def changed(pair: Pair, **fields: object) -> bytes:
    names = {"kind": 1, "algorithm": 3, "first": -1, "second": -2, "third": -3}
    cose = {**pair.cose, **{names[name]: value for name, value in fields.items()}}
    return cbor2.dumps({number: value for number, value in cose.items() if value is not None})


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"\xff",
        b"\x81" * 50_000,
        cbor2.dumps([1, 2]),
        cbor2.dumps("key"),
        cbor2.dumps({}),
        cbor2.dumps({1: 9, 3: -7}),
        cbor2.dumps({1: [], 3: -7}),
        b"\xa2\x01\x02\x01\x03",
        changed(elliptic(), algorithm=-257),
        changed(elliptic(), algorithm=None),
        changed(elliptic(), first=9),
        changed(elliptic(), second=b"\x01" * 32),
        changed(elliptic(), second=7),
        changed(elliptic(), third=None),
        changed(edwards(), first=4),
        changed(edwards(), algorithm=-7),
        changed(edwards(), second=b"short"),
        changed(with_rsa(), algorithm=-65535),
        changed(with_rsa(), second=b"\x02"),
        changed(with_rsa(), second=b"\xff" * 200),
        changed(with_rsa(), first=b"\x01" * 128),
        changed(with_rsa(), first=b"\xff" * 5000),
    ],
    ids=lambda key: "",
)
def test_a_key_that_is_none_is_refused(key: bytes) -> None:
    with pytest.raises(UnusableKey):
        signatures.is_signed(key, b"signature", DATA)
