"""Which addresses are public."""

from collections.abc import Sequence

import pytest

from identity_server.outbound.addresses import is_public, public_addresses, resolve
from identity_server.outbound.errors import OutboundError, Reason

INTERNAL = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200",
    "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fec0::1", "not an address", "",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]


@pytest.mark.parametrize("address", INTERNAL)
def test_t15_an_internal_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def knows(*addresses: str):
    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolver


@pytest.mark.anyio
async def test_of_a_mixed_name_the_public_addresses_remain() -> None:
    assert await public_addresses("mixed.test", 443, knows("10.0.0.1", "1.1.1.1", "::1")) == ["1.1.1.1"]


@pytest.mark.anyio
async def test_a_name_with_internal_addresses_alone_is_refused() -> None:
    with pytest.raises(OutboundError) as refused:
        await public_addresses("db.internal", 443, knows("10.0.0.1", "fd00::1"))
    assert refused.value.reason is Reason.REFUSED


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["no.such.host.invalid", "\ud800", "a" * 300, ".", "a..b"])
async def test_a_name_that_does_not_resolve_is_unreachable(host: str) -> None:
    with pytest.raises(OutboundError) as refused:
        await public_addresses(host, 443)
    assert refused.value.reason is Reason.UNREACHABLE


@pytest.mark.anyio
@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1"])
async def test_odd_spellings_of_an_address_come_out_plain(spelling: str) -> None:
    assert await resolve(spelling, 80) == ["127.0.0.1"]
