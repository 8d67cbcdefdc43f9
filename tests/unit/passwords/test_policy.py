"""Rules for new passwords."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.outbound.errors import OutboundError, Reason
from identity_server.passwords.breaches import BreachedPasswords
from identity_server.passwords.common import CommonPasswords
from identity_server.passwords.errors import BreachServiceFailed
from identity_server.passwords.policy import PasswordPolicy
from identity_server.passwords.similarity import is_similar
from identity_server.passwords.violations import Breached, TooLong, TooShort, TooSimilar

pytestmark = pytest.mark.anyio
NORA = ["nora", "nora@mail.test"]


async def test_a_good_password_breaks_no_rule() -> None:
    assert await PasswordPolicy(10).check("wind-9-Mill-Sail", NORA) == []


async def test_a_short_password_says_how_short() -> None:
    assert await PasswordPolicy(10).check("a1B2c3D4e", NORA) == [TooShort(10, 9)]


async def test_length_counts_bytes() -> None:
    assert await PasswordPolicy(8).check("ééééé", []) == []
    assert await PasswordPolicy(8, max_length=72).check("é" * 37, []) == [TooLong(72, 74)]


async def test_72_bytes_are_not_too_long() -> None:
    assert await PasswordPolicy(max_length=72).check("x" * 72, []) == []


@pytest.mark.parametrize(
    ("password", "identifiers"),
    [
        ("nora-windmill", ["nora-windmill"]),
        ("NORA@MAIL.TEST", NORA),
        ("xy-nora@mail", NORA),
        ("1234nora@mail.test", NORA),
        ("nora-windmill", ["x", "n0ra-w1ndm1ll"]),
    ],
)
async def test_a_password_like_an_identifier_is_refused(password: str, identifiers: list[str]) -> None:
    assert await PasswordPolicy().check(password, identifiers) == [TooSimilar()]
    assert await PasswordPolicy(similarity=False).check(password, identifiers) == []


@pytest.mark.parametrize("identifiers", [[], [""], ["nora"], ["x" * 257]])
async def test_other_identifiers_do_not_matter(identifiers: list[str]) -> None:
    assert await PasswordPolicy().check("wind-9-Mill-Sail", identifiers) == []


async def test_long_texts_are_not_compared() -> None:
    assert await PasswordPolicy().check("x" * 257, ["x" * 257]) == []


def distance(one: str, other: str) -> int:
    """Levenshtein's, by its definition."""
    row = list(range(len(other) + 1))
    for line, letter in enumerate(one, 1):
        above, row = row, [line]
        for column, wanted in enumerate(other, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != wanted)))
    return row[-1]


def longest_run(one: str, other: str) -> int:
    return max(
        (end - start for start in range(len(one)) for end in range(start + 1, len(one) + 1) if one[start:end] in other),
        default=0,
    )


@given(st.text("abC", min_size=1, max_size=14), st.text("aBc", max_size=14))
def test_likeness_is_fewer_than_five_changes_or_more_than_half_in_common(password: str, identifier: str) -> None:
    one, other = password.lower(), identifier.lower()
    expected = distance(one, other) < 5 or longest_run(one, other) / len(one) > 0.5
    assert is_similar(password, identifier) == expected


@pytest.mark.parametrize("password", ["password123", "Password123", "QWERTYUIOP", "iloveyou"])
async def test_t36_a_common_password_is_refused_offline(password: str) -> None:
    assert await PasswordPolicy(6, common=CommonPasswords()).check(password, []) == [Breached(1)]


@pytest.mark.parametrize("password", ["wind-9-Mill-Sail", "", "password\npassword1", "\ud800-lone-surrogate"])
def test_t36_others_are_not_common(password: str) -> None:
    assert password not in CommonPasswords()


def test_t36_more_than_3000_common_passwords_pass_the_length_rule() -> None:
    lines = CommonPasswords()._lines.decode().split()
    assert len([line for line in lines if len(line) >= 8]) >= 10_000
    assert lines == sorted(set(lines))


class Service:
    """A range service that knows how often some passwords were breached."""

    def __init__(self, status: int = 200, error: OutboundError | None = None, **counts: int) -> None:
        self.asked: list[str] = []
        self.status, self.error = status, error
        digests = {hashlib.sha1(word.encode()).hexdigest().upper(): count for word, count in counts.items()}
        self.body = "\r\n".join(f"{digest[5:]}:{count}" for digest, count in digests.items()).encode()

    async def request(
        self, method: str, url: str, headers: dict[str, str], *, seconds: float, retries: int
    ) -> "Service":
        assert (method, headers, seconds, retries) == ("GET", {"Add-Padding": "true"}, 1.0, 0)
        self.asked.append(url)
        if self.error:
            raise self.error
        return self


def breached(service: Service, **more: object) -> BreachedPasswords:
    return BreachedPasswords(service, "breaches.test:8443", **more)  # type: ignore[arg-type]


async def test_a_breached_password_says_how_often() -> None:
    policy = PasswordPolicy(breached=breached(Service(lighthouse=3)))
    assert await policy.check("lighthouse", []) == [Breached(3)]


async def test_breaches_up_to_the_most_are_tolerated() -> None:
    service = Service(lighthouse=3)
    assert await breached(service, max_breaches=3).count("lighthouse") == 0
    assert await breached(service, max_breaches=2).count("lighthouse") == 3


async def test_padding_of_the_answer_is_no_breach() -> None:
    assert await breached(Service(lighthouse=0)).count("lighthouse") == 0


async def test_only_five_digits_of_the_hash_leave() -> None:
    service = Service()
    await breached(service).count("lighthouse")
    assert service.asked == [f"https://breaches.test:8443/range/{hashlib.sha1(b'lighthouse').hexdigest()[:5].upper()}"]


async def test_an_answer_is_kept_for_an_hour() -> None:
    times = [0.0]
    service = Service(lighthouse=3)
    passwords = breached(service, clock=lambda: times[-1])
    for time, asked in ((0.0, 1), (3599.0, 1), (3600.0, 2), (7199.0, 2)):
        times.append(time)
        assert await passwords.count("lighthouse") == 3
        assert len(service.asked) == asked


async def test_only_so_many_answers_are_kept() -> None:
    passwords = breached(Service())
    for number in range(200):
        await passwords.count(str(number))
    assert len(passwords._kept) == 64


FAILURES = [Service(status=404), Service(status=500), Service(error=OutboundError(Reason.TIMEOUT))]


@pytest.mark.parametrize("service", FAILURES)
async def test_a_service_that_fails_is_overlooked(service: Service) -> None:
    assert await breached(service).count("lighthouse") == 0


@pytest.mark.parametrize("service", FAILURES)
async def test_unless_an_answer_is_insisted_on(service: Service) -> None:
    with pytest.raises(BreachServiceFailed):
        await PasswordPolicy(breached=breached(service, ignore_network_errors=False)).check("lighthouse", [])


async def test_a_failure_is_not_kept() -> None:
    service = Service(status=404, lighthouse=3)
    passwords = breached(service)
    assert await passwords.count("lighthouse") == 0
    service.status = 200
    assert await passwords.count("lighthouse") == 3


@pytest.mark.parametrize(
    "body", [b"", b":::", b"\xff\xfe", b"x:y", b"{suffix}:", b"{suffix}:-1", b"{suffix}:" + b"9" * 5000]
)
async def test_an_odd_answer_counts_nothing(body: bytes) -> None:
    service = Service()
    service.body = body.replace(b"{suffix}", hashlib.sha1(b"lighthouse").hexdigest()[5:].encode())
    assert await breached(service).count("lighthouse") == 0


async def test_the_service_is_not_asked_about_a_password_that_fails_already() -> None:
    service = Service()
    policy = PasswordPolicy(10, breached=breached(service), common=CommonPasswords())
    for password in ("short", "nora@mail.test", "password123"):
        assert await policy.check(password, NORA)
    assert service.asked == []
