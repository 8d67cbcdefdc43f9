"""Any nodes become the parts of a page."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_server.flows.model import KINDS, Flow, Kind, new_flow
from identity_server.messages import labels
from identity_server.messages.message import Message
from identity_server.pages import form, rendering
from identity_server.pages.brand import Brand
from identity_server.ui import nodes
from identity_server.ui.nodes import Node


def flow(kind: Kind, *shown: Node) -> Flow:
    made = new_flow(
        kind,
        "browser",
        action=f"https://app.test/self-service/{kind}",
        request_url="https://app.test/",
        now="2030-01-01T00:00:00.000000Z",
        lifespan=timedelta(hours=1),
    )
    made.ui.append(*shown)
    return made


def field(name: str, group: Any = "default") -> Node:
    return nodes.input_node(name, "text", group, label=labels.text(name))


def button(value: str, group: Any, name: str = "method") -> Node:
    return nodes.submit(name, value, group, labels.text(value))


CSRF = nodes.csrf("token")


def names(made: list[form.Part]) -> list[tuple[str, list[str], list[str]]]:
    return [
        (part.group, [n.value or n.name for n in part.nodes], [n.value or n.name for n in part.ways]) for part in made
    ]


def test_what_is_asked_for_comes_before_other_ways() -> None:
    shown = flow(
        "login",
        button("hub", "oidc", "provider"),
        CSRF,
        field("identifier"),
        button("code", "code"),
        field("password", "password"),
        button("password", "password"),
    )
    made = form.parts(shown)
    assert names(made) == [("default", ["identifier", "password", "password"], ["code"]), ("oidc", ["hub"], [])]
    assert made[0].implied is made[0].primary is shown.ui.nodes[-1]
    assert made[1].primary is None
    assert all(CSRF in part.hidden for part in made)


def test_fields_that_share_nothing_have_forms_of_their_own() -> None:
    shown = flow(
        "login",
        CSRF,
        field("totp_code", "totp"),
        button("totp", "totp"),
        field("lookup_secret", "lookup_secret"),
        button("lookup_secret", "lookup_secret"),
    )
    made = form.parts(shown)
    assert [part.group for part in made] == ["totp", "lookup_secret"]
    assert [part.implied and part.implied.value for part in made] == ["totp", "lookup_secret"]


def test_a_provider_s_button_sends_the_fields_that_have_no_other() -> None:
    (part,) = form.parts(flow("registration", CSRF, field("traits.email"), button("hub", "oidc", "provider")))
    assert part.implied is not None
    assert part.implied.value == "hub"


def test_settings_have_a_part_for_every_group_and_unknown_ones_last() -> None:
    groups = ["something_new", "totp", "profile", "password"]
    shown = flow("settings", CSRF, *(node for group in groups for node in (field(group, group), button("x", group))))
    assert [part.group for part in form.parts(shown)] == ["profile", "password", "totp", "something_new"]


def test_enter_never_takes_anything_away() -> None:
    remove = button("0a", "webauthn", "webauthn_remove")
    trigger = nodes.input_node("webauthn_register_trigger", "button", "webauthn", value="{}")
    (part,) = form.parts(flow("settings", CSRF, remove, field("webauthn_register_displayname", "webauthn"), trigger))
    assert form.is_removal(remove)
    assert part.implied is None


def test_the_way_back_is_apart() -> None:
    back = nodes.submit("screen", "previous", "profile", labels.text("Back"))
    (part,) = form.parts(
        flow("registration", CSRF, back, field("password", "password"), button("password", "password"))
    )
    assert part.back == [back]
    assert back not in part.nodes


def test_scripts_are_no_part_of_a_form() -> None:
    script = nodes.script("s", "webauthn", "https://app.test/x.js", integrity="sha512-x", nonce="n")
    shown = flow("login", CSRF, script, field("identifier"), button("password", "password"))
    assert form.scripts(shown) == [script]
    assert all(script not in part.nodes for part in form.parts(shown))


# -- whatever the nodes are -----------------------------------------------------------

TEXT = st.text(max_size=20)
GROUPS = st.sampled_from(("default", "profile", "password", "oidc", "totp", "webauthn", "brand_new"))
TYPES = st.sampled_from(("text", "password", "number", "checkbox", "hidden", "email", "submit", "button", "date"))
MESSAGES = st.builds(Message, st.integers(1, 9999999), TEXT, st.sampled_from(("info", "error", "success")))


@st.composite
def any_node(draw: st.DrawFn) -> Node:
    group: Any = draw(GROUPS)
    label = draw(st.none() | MESSAGES)
    match draw(st.sampled_from(("input", "text", "img", "a"))):
        case "text":
            return nodes.text(draw(TEXT), group, draw(MESSAGES), label=label)
        case "img":
            return nodes.img(draw(TEXT), group, "data:image/png;base64,", width=1, height=1, label=label)
        case "a":
            return nodes.a(draw(TEXT), group, "https://app.test/", draw(MESSAGES), label=label)
        case _:
            value = draw(st.none() | TEXT | st.booleans() | st.integers())
            made = nodes.input_node(draw(TEXT), draw(TYPES), group, value=value, label=label)
            made.messages = draw(st.lists(MESSAGES, max_size=2))
            return made


class Seen(HTMLParser):
    """Names of all that a browser would send, and what must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert tag != "script" or found.get("src")
        assert not any(name.startswith("on") or name == "style" for name in found)
        if tag in ("input", "button") and "implied" not in (found.get("class") or ""):
            self.names.append(found.get("name") or "")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(KINDS), st.lists(any_node(), max_size=8))
def test_every_node_of_any_flow_is_drawn_once_and_as_text(kind: Kind, shown: list[Node]) -> None:
    made = flow(kind, CSRF, *shown)
    parts = form.parts(made)
    html = rendering.page("flow", Brand("Site"), base="/", title="T", flow=made, parts=parts, scripts=[], links=[])
    seen = Seen()
    seen.feed(html)
    wanted = [node.name for node in shown if node.type == "input"]
    missing = list(wanted)
    for name in seen.names:
        if name in missing:
            missing.remove(name)
    assert set(missing) <= _left_out(shown, parts)


def _left_out(shown: list[Node], parts: list[form.Part]) -> set[str]:
    """Hidden fields of groups that show nothing: there is no form to send them with."""
    drawn = {id(node) for part in parts for node in (*part.hidden, *part.nodes, *part.ways, *part.back)}
    return {node.name for node in shown if id(node) not in drawn and node.attributes.get("type") == "hidden"}
