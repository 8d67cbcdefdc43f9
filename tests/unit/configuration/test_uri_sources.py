import asyncio
import base64
import os
from pathlib import Path

import pytest

from identity_server.configuration.uri_sources import UnreadableSource, fetch_uri, read_uri


def test_files_are_read_by_absolute_and_relative_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a b.json").write_bytes(b"{}")
    assert read_uri(f"file://{tmp_path}/a%20b.json") == b"{}"
    monkeypatch.chdir(tmp_path)
    assert read_uri("file://./a%20b.json") == b"{}"
    assert read_uri("file://a b.json") == b"{}"


@pytest.mark.parametrize("text", ["eyJhIjoxfQ==", "eyJhIjoxfQ"])
def test_inline_data_needs_no_padding(text: str):
    assert read_uri(f"base64://{text}") == b'{"a":1}'


def test_inline_data_may_be_url_safe():
    data = bytes(range(250, 256)) * 3
    assert read_uri("base64://" + base64.urlsafe_b64encode(data).decode()) == data


def test_web_addresses_go_through_the_client_that_is_given():
    asked: list[tuple[str, int]] = []

    def get(url: str, limit: int) -> bytes:
        asked.append((url, limit))
        return b"ok"

    assert read_uri("https://a.test/s", http_get=get, limit=10) == b"ok"
    assert asked == [("https://a.test/s", 10)]
    with pytest.raises(UnreadableSource, match="web addresses cannot be used here"):
        read_uri("https://a.test/s")


def test_an_event_loop_reads_the_same_forms(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"1")

    async def get(url: str, limit: int) -> bytes:
        return url.encode()

    async def all_of_them() -> list[bytes]:
        return [
            await fetch_uri(uri, http_get=get) for uri in (f"file://{tmp_path}/a", "base64://MQ==", "http://a.test")
        ]

    assert asyncio.run(all_of_them()) == [b"1", b"1", b"http://a.test"]


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("/etc/kratos/schema.json", "write file:///etc/kratos/schema.json"),
        ("ftp://a.test/x", "allowed: file:///PATH"),
        ("file:///no/such/file", "No such file"),
        ("file:///etc", "not a regular file|directory"),
        ("file:///dev/zero", "not a regular file"),
        ("file:///a%00b", "not a path"),
        ("base64://not base64", "not valid base64"),
        ("base64://%%%", "not valid base64"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(uri: str, says: str):
    with pytest.raises(UnreadableSource, match=says):
        read_uri(uri)


def test_a_pipe_does_not_make_the_server_wait(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableSource, match="not a regular file"):
        read_uri(f"file://{tmp_path}/pipe")


@pytest.mark.parametrize("form", ["file", "base64", "http"])
def test_what_is_too_large_is_refused(tmp_path: Path, form: str):
    data = b"x" * 101
    (tmp_path / "a").write_bytes(data)
    uris = {
        "file": f"file://{tmp_path}/a",
        "base64": "base64://" + base64.b64encode(data).decode(),
        "http": "http://a.test",
    }
    with pytest.raises(UnreadableSource, match="more than 100 bytes"):
        read_uri(uris[form], limit=100, http_get=lambda url, limit: data)


def test_errors_show_neither_content_nor_password(tmp_path: Path):
    secret = base64.b64encode(b"hunter2" * 100).decode()
    for uri in (f"base64://{secret}!", "ftp://user:hunter2@a.test/", f"file://{tmp_path}"):
        with pytest.raises(UnreadableSource) as caught:
            read_uri(uri)
        assert "hunter2" not in str(caught.value)
        assert secret not in str(caught.value)
