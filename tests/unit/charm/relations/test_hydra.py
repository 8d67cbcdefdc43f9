from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import hydra


def test_people_sign_in_for_the_oauth2_server(run: Any, configured: Any) -> None:
    assert configured(run(hydra()))["oauth2_provider"] == {"url": "http://hydra:4445"}


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_data_there_is_no_oauth2_server(run: Any, configured: Any, event: str) -> None:
    relation = hydra() if event == "relation_broken" else testing.Relation("hydra-endpoint-info")
    out = run(relation, event=event)
    assert "oauth2_provider" not in configured(out)
    assert out.unit_status == ops.ActiveStatus()


@pytest.mark.parametrize(
    "url", ["hydra:4445", "ftp://hydra", "http://", "http://a b", "http://a\nb: c", "http://a:port"]
)
def test_what_is_no_url_blocks(run: Any, url: str) -> None:
    out = run(hydra(admin_endpoint=url))
    assert out.unit_status == ops.BlockedStatus("hydra-endpoint-info: admin_endpoint is not a URL for http or https")


def test_nothing_is_written(run: Any, bag: Any) -> None:
    assert bag(run(hydra()), "hydra-endpoint-info") == {}
