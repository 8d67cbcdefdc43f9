"""Commands about the operator's secrets."""

from juju_sandbox.cli import words
from juju_sandbox.cli.output import table
from juju_sandbox.cli.session import Session
from juju_sandbox.failures import SandboxError


def add_secret(session: Session) -> None:
    given = session.arguments
    content = words.secret_values(given.words, given.file)
    session.put(session.ask("add_secret", name=given.name, content=content, info=given.info) + "\n")


def update_secret(session: Session) -> None:
    given = session.arguments
    content = words.secret_values(given.words, given.file)
    session.ask(
        "update_secret",
        name=given.secret,
        content=content,
        info=given.info,
        new_name=given.name,
        auto_prune=given.auto_prune,
    )


def remove_secret(session: Session) -> None:
    session.ask("remove_secret", name=session.arguments.secret, revision=session.arguments.revision)


def grant_secret(session: Session) -> None:
    given = session.arguments
    session.ask("grant_secret", name=given.secret, apps=given.applications.split(","))


def revoke_secret(session: Session) -> None:
    given = session.arguments
    session.ask("grant_secret", name=given.secret, apps=given.applications.split(","), revoke=True)


def show_secret(session: Session) -> None:
    given = session.arguments
    if given.revision and not given.reveal:
        raise SandboxError("--revision shows a content; add --reveal")
    tree = session.ask("show_secret", name=given.secret, reveal=given.reveal, revision=given.revision)
    for body in tree.values():
        if given.format == "json" and "content" in body:
            # Juju's JSON has this extra level, its YAML has not.
            body["content"] = {"Data": body["content"]}
    session.put_tree(tree)


def secrets(session: Session) -> None:
    found = session.ask("secrets")
    if session.arguments.format in ("json", "yaml"):
        session.put_tree(found)
        return
    rows = [
        (number, body.get("name", body.get("label", "-")), body["owner"], body["revision"], body["updated"])
        for number, body in found.items()
    ]
    session.put(table([("ID", "Name", "Owner", "Revision", "Last updated"), *rows]))
