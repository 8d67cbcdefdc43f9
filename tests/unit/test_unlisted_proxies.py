"""Who is told of, and how often."""

from structlog.testing import capture_logs

from identity_server.unlisted_proxies import MOST_PEERS, UnlistedProxies


def test_each_peer_is_told_of_once() -> None:
    unlisted = UnlistedProxies()
    with capture_logs() as lines:
        for peer in ("203.0.113.1", "203.0.113.2", "203.0.113.1"):
            unlisted.note(peer)
    assert [line["peer"] for line in lines] == ["203.0.113.1", "203.0.113.2"]
    assert all("serve.public.trusted_proxies" in line["event"] for line in lines)


def test_strangers_cannot_fill_the_log() -> None:
    unlisted = UnlistedProxies()
    with capture_logs() as lines:
        for number in range(1000):
            unlisted.note(f"203.0.113.{number}")
    assert len(lines) == MOST_PEERS
