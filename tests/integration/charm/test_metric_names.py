"""What a running server says of itself is what alert rules and the dashboard ask for."""

from pathlib import Path

import httpx2

from live_server import live_server, native_login
from unit.charm.relations.test_observability import assert_exported, expressions, labels_of


def test_a_scrape_has_every_metric_and_label_that_is_asked_for(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        native_login(server, "nobody@example.com")
        assert httpx2.get(server.public + "sessions/whoami").status_code == 401
        scraped = httpx2.get(server.admin + "admin/metrics/prometheus").text
    known = labels_of(scraped)
    assert len(expressions()) > 5
    for expression in expressions():
        assert_exported(expression, known)
