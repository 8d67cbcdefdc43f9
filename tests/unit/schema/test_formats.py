"""Formats that are checked."""

import pytest

from identity_server.schema.formats import fits


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", "ada@example.com"),
        ("email", "a.b+c@localhost"),
        ("email", "müller@example.com"),
        ("email", "x@xn--bcher-kva.example"),
        ("tel", "+4915112345678"),
        ("tel", "+1 202-555-0143"),
        ("uri", "https://example.com/a?b=c#d"),
        ("uri", "urn:isbn:0451450523"),
        ("iri", "https://example.com/ä"),
        ("uri-reference", "/a/b"),
        ("date", "2024-02-29"),
        ("time", "23:59:60Z"),
        ("time", "08:30"),
        ("time", "08:30:00.5+02:00"),
        ("date-time", "2024-02-29T08:30:00Z"),
        ("date-time", "2024-02-29t08:30:00.123-00:30"),
        ("hostname", "a-b.example"),
        ("ipv4", "127.0.0.1"),
        ("ipv6", "::1"),
        ("uuid", "0b0c0d0e-0000-4000-8000-00000000000a"),
        ("regex", "^a+$"),
        ("json-pointer", "/a~1b/0"),
        ("no-validate", "\0"),
        ("colour", "unknown formats fit"),
    ],
)
def test_it_fits(name, text) -> None:
    assert fits(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", ""),
        ("email", "ada"),
        ("email", "@example.com"),
        ("email", "ada@"),
        ("email", "a b@example.com"),
        ("email", " ada@example.com"),
        ("email", "ada@example.com\n"),
        ("email", "ada@exa_mple.com"),
        ("email", "ada@-a.com"),
        ("email", "ada@example.com."),
        ("email", "a..b@example.com"),
        ("email", ".a@example.com"),
        ("email", '"a b"@example.com'),
        ("email", "Ada <ada@example.com>"),
        ("email", "a@b.com,c@d.com"),
        ("email", "a\r\nBcc: x@y.z@example.com"),
        ("email", "a\u200b@example.com"),
        ("email", "a@exämple.com"),
        ("email", "x" * 65 + "@example.com"),
        ("email", "x@" + "a." * 130 + "com"),
        ("email", "a\ud800@example.com"),
        ("tel", "12"),
        ("tel", "+1234567890"),
        ("tel", "015112345678"),
        ("tel", "call me"),
        ("tel", "+" * 10_000),
        ("uri", "not a uri"),
        ("uri", "/relative"),
        ("uri", "https://example.com/ä"),
        ("iri", "http://a b"),
        ("date", "2023-02-29"),
        ("date", "20240229"),
        ("date", "yesterday"),
        ("date", "2024-02-29\n"),
        ("time", "24:00:00Z"),
        ("time", "08:61"),
        ("time", "08:30:00+99:00"),
        ("time", "٠٨:٣٠"),
        ("date-time", "2024-02-29 08:30:00Z"),
        ("date-time", "2024-02-30T08:30:00Z"),
        ("date-time", "2024-02-29T08:30:00"),
        ("hostname", "-a"),
        ("hostname", ""),
        ("ipv4", "127.1"),
        ("ipv6", "fe80::1%eth0"),
        ("uuid", "x"),
        ("regex", "("),
        ("regex", "(?=a)"),
        ("json-pointer", "a"),
    ],
)
def test_it_does_not_fit(name, text) -> None:
    assert not fits(name, text)


@pytest.mark.parametrize("text", ["+", "+abc", "+999123456789", "+4915112345678 ext 5"])
def test_numbers_that_cannot_be_parsed_or_called_directly_do_not_fit(text) -> None:
    assert not fits("tel", text)
