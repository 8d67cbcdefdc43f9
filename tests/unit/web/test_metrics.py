"""What the server counts."""

import re

import pytest

from identity_server.web.metrics import METHODS, Metrics


def shown(metrics: Metrics, accept: str = "") -> str:
    return metrics.shown(accept)[0].decode()


def value(text: str, name: str, **labels: str) -> float:
    for line in text.splitlines():
        if line.startswith(name + "{") and all(f'{key}="{label}"' in line for key, label in labels.items()):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError(f"{name} {labels} is not shown")


@pytest.fixture
def metrics() -> Metrics:
    counted = Metrics()
    counted.observe("/admin/identities/{param}", "GET", 200, 0.004, 0, 900)
    counted.observe("/admin/identities/{param}", "GET", 404, 0.002, 0, 100)
    counted.observe("/admin/identities", "POST", 201, 0.3, 250, 900)
    return counted


def test_requests_are_counted_by_route(metrics: Metrics) -> None:
    text = shown(metrics)
    assert value(text, "http_requests_total", code="200", endpoint="/admin/identities/{param}", method="GET") == 1
    assert value(text, "http_requests_statuses_total", status_bucket="2xx", method="GET") == 1
    assert value(text, "http_response_time_seconds_count", endpoint="/admin/identities/{param}") == 2


def test_a_histogram_counts_everything_below(metrics: Metrics) -> None:
    text = shown(metrics)
    where = {"endpoint": "/admin/identities/{param}"}
    assert value(text, "http_response_time_seconds_bucket", le="0.0025", **where) == 1
    assert value(text, "http_response_time_seconds_bucket", le="0.005", **where) == 2
    assert value(text, "http_response_time_seconds_bucket", le="+Inf", **where) == 2
    assert value(text, "http_response_time_seconds_sum", **where) == pytest.approx(0.006)


def test_sizes_are_counted(metrics: Metrics) -> None:
    text = shown(metrics)
    assert value(text, "http_requests_size_bytes_sum", code="201", method="POST") == 250
    assert value(text, "http_response_size_bytes_sum", code="201", method="POST") == 900


def test_everything_says_which_program_it_is(metrics: Metrics) -> None:
    for line in shown(metrics).splitlines():
        if line.startswith("http_"):
            assert 'app="kratos"' in line and 'version="' in line


def test_made_up_methods_and_paths_are_one_each() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.observe("", f"BREW{number}", 405, 0.001, 0, 0)
    assert value(shown(metrics), "http_requests_total", endpoint="unknown", method="unknown") == 100
    assert len(re.findall(r"^http_requests_total", shown(metrics), re.MULTILINE)) == 1
    assert "GET" in METHODS


def test_open_metrics_for_those_who_ask(metrics: Metrics) -> None:
    text, media = metrics.shown("application/openmetrics-text; version=1.0.0")
    assert media.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")


def test_the_process_is_shown(metrics: Metrics) -> None:
    assert "process_resident_memory_bytes" in shown(metrics)
