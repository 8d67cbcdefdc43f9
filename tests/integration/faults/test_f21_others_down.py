"""F21: everything that the server might ask is down. It starts all the same, and only what needs the others fails."""

from pathlib import Path
from typing import Any

import httpx2

from integration.faults.people import PASSWORD, is_ready, session_of, status_of
from live_server import live_server
from social import data

NOWHERE = "http://127.0.0.1:1"
PROVIDER = {
    "id": "hub",
    "provider": "generic",
    "client_id": "client",
    "client_secret": "secret",
    "issuer_url": NOWHERE,
    "mapper_url": data("{identity: {traits: {}}}"),
}
DOWN: dict[str, Any] = {
    "oauth2_provider": {"url": NOWHERE},
    "selfservice": {
        "methods": {
            "oidc": {"enabled": True, "config": {"providers": [PROVIDER]}},
            "password": {"config": {"haveibeenpwned_enabled": True, "haveibeenpwned_host": "127.0.0.1:1"}},
        }
    },
}


def test_f21_it_starts_and_people_sign_in(tmp_path: Path) -> None:
    with live_server(tmp_path, overrides=DOWN, arguments=("--watch-courier",)) as server:
        assert is_ready(server)
        session = session_of(server)
        assert status_of(server.public + "sessions/whoami", session) == 200
        flow = httpx2.get(server.public + "self-service/registration/api").json()
        form = {"method": "password", "password": PASSWORD, "traits": {"email": "bob@example.com"}}
        assert httpx2.post(flow["ui"]["action"], json=form, timeout=30).status_code == 200
        with httpx2.Client(headers={"accept": "application/json"}, timeout=30) as browser:
            flow = browser.get(server.public + "self-service/login/browser").json()
            token = next(n for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")
            chosen = {"method": "oidc", "provider": "hub", "csrf_token": token["attributes"]["value"]}
            answer = browser.post(flow["ui"]["action"], json=chosen)
            assert answer.status_code in (502, 503, 504), answer.text
            assert "127.0.0.1:1" not in answer.text
            asked = browser.get(server.public + "self-service/login/browser?login_challenge=" + "a" * 32)
            assert asked.status_code in (502, 503, 504), asked.text
            assert "127.0.0.1:1" not in asked.text
        assert status_of(server.public + "sessions/whoami", session) == 200
