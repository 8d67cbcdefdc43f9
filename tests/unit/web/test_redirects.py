"""Clean paths, and which of them anti-forgery stands around."""

import pytest

from identity_server.web.csrf_rules import is_exempt
from identity_server.web.redirects import cleaned


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("//a//b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/./b", "/a/b"),
        ("/../../etc/passwd", "/etc/passwd"),
        ("/a/..", "/"),
        ("//", "/"),
        ("/a//", "/a/"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a/.hidden", "/a/.hidden"),
        ("/", "/"),
    ],
)
def test_a_path_without_detours(path: str, clean: str) -> None:
    assert cleaned(path) == clean


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "/\\/../evil.example", "/.//evil.example"])
def test_a_clean_path_never_leads_to_another_host(path: str) -> None:
    assert not cleaned(path).startswith("//")


@pytest.mark.parametrize(
    "path",
    [
        "/sessions/whoami",
        "/schemas/staff",
        "/schemas/",
        "/identities",
        "/identities/x/sessions",
        "/admin/identities/x",
        "/admin/courier/messages",
        "/health/ready",
        "/self-service/login",
        "/version",
    ],
)
def test_paths_without_the_cookie(path: str) -> None:
    assert is_exempt(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/schemas",
        "/schemas/odd%2Fone",
        "/admin/schemas",
        "/admin/identities/x/sessions",
        "/identities/x/y/z",
        "/admin/recovery/code",
        "/admin/sessions",
        "/self-service/login/browser",
        "/self-service/errors",
    ],
)
def test_paths_with_the_cookie(path: str) -> None:
    assert not is_exempt(path)
