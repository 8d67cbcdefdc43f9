import json
import time
from typing import Any

import pytest

from identity_server.cli import audit

IDENTITY = "11111111-2222-4333-8444-555555555555"


def entry(number: int, when: str = "2026-05-17T09:30:00.000000Z", **other: Any) -> dict[str, Any]:
    return {
        "id": f"0197-{number}",
        "when": when,
        "event": "LoginFailed",
        "result": "failure",
        "actor": "anonymous",
        "identity_id": IDENTITY,
        "method": "password",
        "ip": "192.0.2.7",
        "reason": "4000006 wrong",
        **other,
    }


@pytest.fixture
def api(server):
    server.answer("GET /admin/audit", [entry(2), entry(1)])
    return server


def test_the_newest_entry_is_the_last(run, api):
    ran = run("audit", "-e", api.url, "--format", "json")
    assert [each["id"] for each in ran.json] == ["0197-1", "0197-2"]
    assert api.requests[-1][1] == "/admin/audit?page_size=100"
    assert run("audit", "-e", api.url, "-q").out == "0197-1\n0197-2\n"


def test_the_table_shows_who_did_what(run, api):
    head, line, _ = run("audit", "-e", api.url).out.splitlines()
    assert head.split("  ")[0] == "WHEN"
    assert all(text in line for text in ("LoginFailed", "failure", "anonymous", IDENTITY, "192.0.2.7", "4000006 wrong"))


def test_what_callers_wrote_cannot_forge_a_row(run, api):
    api.answer("GET /admin/audit", [entry(1, ip="x\n2026 IdentityDeleted\x1b[2K")])
    assert len(run("audit", "-e", api.url).out.splitlines()) == 2


def test_filters_go_to_the_server(run, api):
    flags = ["--identity", IDENTITY, "--event", "LoginFailed", "--actor", "admin_key:robot", "--result", "failure"]
    run("audit", "-e", api.url, *flags, "--since", "2026-05-17", "--until", "2026-05-18T02:00:00+02:00", "--last", "7")
    path = api.requests[-1][1]
    for part in (
        f"identity_id={IDENTITY}",
        "event=LoginFailed",
        "actor=admin_key%3Arobot",
        "result=failure",
        "since=2026-05-17T00%3A00%3A00.000000Z",
        "until=2026-05-18T00%3A00%3A00.000000Z",
        "page_size=7",
    ):
        assert part in path


@pytest.mark.parametrize("flags", [["--event", "Nothing"], ["--since", "yesterday"], ["--result", "maybe"]])
def test_what_no_entry_can_be_is_refused_with_what_it_can_be(run, api, flags):
    ran = run("audit", "-e", api.url, *flags)
    assert (ran.status, ran.out) == (1, "")
    assert "LoginFailed" in ran.err or "2026-05-31" in ran.err or "success" in ran.err


def test_more_than_a_page_is_asked_for_page_by_page(run, server):
    server.answer("GET /admin/audit", [entry(1)], link='<http://a.test/admin/audit?page_token=next>; rel="next"')
    assert len(run("audit", "-e", server.url, "--last", "3", "--format", "json").json) == 3
    assert [request[1].partition("?")[2] for request in server.requests] == [
        "page_size=3",
        "page_size=2&page_token=next",
        "page_size=1&page_token=next",
    ]


def test_following_shows_each_new_entry_once_even_a_late_one(run, api, monkeypatch):
    later = "2026-05-17T09:30:05.000000Z"
    answers = [
        [entry(2), entry(1)],
        [entry(3, later), entry(2), entry(1)],
        [entry(3, later), entry(4, "2026-05-17T09:30:02.000000Z"), entry(2), entry(1)],
    ]

    def sleep(seconds: float) -> None:
        if not answers:
            raise KeyboardInterrupt
        api.answer("GET /admin/audit", answers.pop(0))

    monkeypatch.setattr(time, "sleep", sleep)
    ran = run("audit", "-f", "-e", api.url, "--format", "json")
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["0197-1", "0197-2", "0197-3", "0197-4"]
    assert ran.status == 0
    assert "since=2026-05-17T09%3A29%3A35" in api.requests[-1][1]


def test_following_survives_a_restart_of_the_server(run, api, monkeypatch):
    answers: list[Any] = [(503, {"error": {"message": "away"}}), (200, [entry(3), entry(2), entry(1)])]

    def sleep(seconds: float) -> None:
        if not answers:
            raise KeyboardInterrupt
        status, body = answers.pop(0)
        api.answer("GET /admin/audit", body, status)

    monkeypatch.setattr(time, "sleep", sleep)
    ran = run("audit", "-f", "-e", api.url, "--last", "0", "-q")
    assert (ran.out, ran.status) == ("0197-3\n", 0)
    assert "503" in ran.err


def test_following_needs_an_open_end(run, api):
    assert run("audit", "-f", "--until", "2026-05-18", "-e", api.url).status == 1


def test_a_server_without_a_trail_says_so(run, server):
    server.answer("GET /admin/audit", {"error": {"message": "No audit trail is kept (audit.enabled)."}}, 404)
    ran = run("audit", "-e", server.url)
    assert (ran.status, "audit.enabled" in ran.err) == (1, True)


def test_the_command_knows_no_page_larger_than_the_servers():
    from identity_server.web import routes_audit

    assert audit.PAGE == routes_audit.MOST
