"""Plays the user-management guide on this machine: each command through `sandbox/juju`, each effect proved over HTTP.

Exit code 0 when every proof holds; 1 with the step and the reason otherwise.
"""

import sys
import time
from dataclasses import dataclass

import yaml

from juju_sandbox.failures import SandboxError
from juju_sandbox.house import House, say
from juju_sandbox.places import Places, cache_folder
from juju_sandbox.tools import openfga_is_built
from juju_sandbox.visitor import Visitor

ADMIN, USER = "admin@example.com", "lee@example.com"
FIRST, SECOND, THIRD = "first-long-password", "second-long-password", "third-long-password"


class Unproved(SandboxError):
    """A proof that does not hold."""


@dataclass
class Tale:
    """The guide, step by step."""

    house: House
    visitor: Visitor
    step: str = "start"

    def begin(self, title: str) -> None:
        self.step = title
        say(f"\n== {title}")

    def juju(self, *words: str) -> str:
        """Shows a command and its answer, and returns the answer."""
        say(f"$ juju {' '.join(words)}")
        done = self.house.juju(*words)
        for line in done.stdout.splitlines():
            say(f"  {line}")
        if done.returncode:
            raise Unproved(done.stderr.strip())
        return done.stdout

    def fails(self, *words: str) -> None:
        """Shows a command that has to be refused."""
        say(f"$ juju {' '.join(words)}")
        done = self.house.juju(*words)
        for line in done.stdout.splitlines():
            say(f"  {line}")
        self.prove("the action is refused", done.returncode != 0)

    def prove(self, sentence: str, holds: bool) -> None:
        if not holds:
            raise Unproved(f"it does not hold that {sentence}")
        say(f"  ✓ {sentence}")

    def play(self) -> None:
        """The guide in its order."""
        admin = self.create_admin()
        user = self.create_user()
        self.get_details(user)
        self.reset_password(user)
        self.reset_factors(user)
        self.invalidate_sessions(user)
        self.delete(user, admin)

    def create_admin(self) -> str:
        self.begin("Create admin accounts")
        words = ("create-admin-account", f"email={ADMIN}", f"password={FIRST}", "username=admin")
        found: dict[str, str] = yaml.safe_load(self.juju("run", "kratos/0", *words))
        self.prove("the new admin signs in with the password", self.visitor.log_in(ADMIN, FIRST) is not None)
        self.prove("and by user name", self.visitor.log_in("admin", FIRST) is not None)
        self.prove("and not with another password", self.visitor.log_in(ADMIN, SECOND) is None)
        return found["identity-id"]

    def create_user(self) -> str:
        self.begin("Create users")
        self.deploy_admin_ui()
        say("  what the Admin UI then does, over the admin API:")
        schema = next((each for each in self.visitor.schemas() if each != "admin_v0"), "admin_v0")
        status, made = self.visitor.create(schema, {"email": USER}, FIRST)
        if status != 201:
            raise Unproved(f"POST /admin/identities answered {status}: {made}")
        say(f"  POST /admin/identities: {made['id']} with the schema {schema}")
        self.prove("the new user signs in", self.visitor.log_in(USER, FIRST) is not None)
        return made["id"]

    def deploy_admin_ui(self) -> None:
        name = "identity-platform-admin-ui"
        self.juju("deploy", name, "--channel", "edge", "--trust")
        self.juju("integrate", f"{name}:ingress", "traefik-k8s")
        self.juju("integrate", f"{name}:kratos-info", "kratos")
        self.juju("integrate", f"{name}:hydra-endpoint-info", "hydra")
        self.juju("integrate", f"{name}:oauth", "hydra")
        if openfga_is_built():
            self.juju("integrate", name, "openfga-k8s")
        else:
            say(f"  (left out here: juju integrate {name} openfga-k8s, which first builds OpenFGA for some minutes)")
        self.juju("integrate", f"{name}:receive-ca-cert", "self-signed-certificates")
        related = yaml.safe_load(self.house.ask("show-unit", "kratos/0"))["kratos/0"]["relation-info"]
        self.prove("the charm is related to it", any(each["endpoint"] == "kratos-info" for each in related))
        self.prove("and the admin API is open to it", self.visitor.is_let_in())

    def get_details(self, user: str) -> None:
        self.begin("Get user details")
        by_id = yaml.safe_load(self.juju("run", "kratos/0", "get-identity", f"identity-id={user}"))
        by_email = yaml.safe_load(self.juju("run", "kratos/0", "get-identity", f"email={USER}"))
        self.prove("both name the same person", by_id["id"] == by_email["id"] == user)
        self.prove("the e-mail address is among the traits", by_id["traits"]["email"] == USER)

    def reset_password(self, user: str) -> None:
        self.begin("Reset password")
        session = self.visitor.log_in(USER, FIRST) or ""
        uri = self.juju("add-secret", "new-password", f"password={SECOND}").strip()
        self.juju("grant-secret", "new-password", "kratos")
        self.juju("run", "kratos/0", "reset-password", f"identity-id={user}", f"password-secret-id={uri}")
        self.prove("the new password signs in", self.visitor.log_in(USER, SECOND) is not None)
        self.prove("the old one does not", self.visitor.log_in(USER, FIRST) is None)
        self.prove("the session from before is refused", self.visitor.whoami(session)[0] == 401)
        uri = self.juju("add-secret", "newer-password", f"password={THIRD}").strip()
        self.juju("grant-secret", "newer-password", "kratos")
        self.juju("run", "kratos/0", "reset-password", f"email={USER}", f"password-secret-id={uri}")
        self.prove("by e-mail address it works as well", self.visitor.log_in(USER, THIRD) is not None)
        found = yaml.safe_load(self.juju("run", "kratos/0", "reset-password", f"email={USER}"))
        self.prove("without a secret there is a recovery code", found["recovery-code"].isdigit())
        self.prove("and a link to use it at", "/recovery" in found["recovery-link"])

    def reset_factors(self, user: str) -> None:
        self.begin("Reset multi-factor authentication")
        enrolled = self.visitor.enrol_totp(self.visitor.log_in(USER, THIRD) or "")
        if enrolled:
            status, _ = self.visitor.whoami(self.visitor.log_in(USER, THIRD) or "")
            self.prove("with a one-time password set up, a password alone is not enough", status == 403)
        for factor in ("totp", "lookup_secret"):
            self.juju("run", "kratos/0", "reset-identity-mfa", f"identity-id={user}", f"mfa-type={factor}")
        _, found = self.visitor.identity(user)
        self.prove("no second factor is left", not {"totp", "lookup_secret"} & set(found.get("credentials") or {}))
        status, _ = self.visitor.whoami(self.visitor.log_in(USER, THIRD) or "")
        self.prove("the password alone signs in again", status == 200)

    def invalidate_sessions(self, user: str) -> None:
        self.begin("Invalidate sessions")
        for selector in (f"identity-id={user}", f"email={USER}"):
            token = self.visitor.log_in(USER, THIRD) or ""
            self.prove("a session is valid", self.visitor.whoami(token)[0] == 200)
            self.juju("run", "kratos/0", "invalidate-identity-sessions", selector)
            self.prove("and is refused afterwards", self.visitor.whoami(token)[0] == 401)

    def delete(self, user: str, admin: str) -> None:
        self.begin("Delete users")
        self.juju("run", "kratos/0", "delete-identity", f"identity-id={user}")
        self.prove("the user is gone", self.visitor.identity(user)[0] == 404)
        self.prove("and cannot sign in", self.visitor.log_in(USER, THIRD) is None)
        self.juju("run", "kratos/0", "delete-identity", f"email={ADMIN}")
        self.prove("the admin is gone", self.visitor.identity(admin)[0] == 404)
        self.fails("run", "kratos/0", "get-identity", f"email={ADMIN}")


def main() -> int:
    started = time.monotonic()
    places = Places(cache_folder() / "demo")
    step = "set-up"
    house = House(places, fresh=True)
    try:
        say("Setting up a sandbox: one unit of the charm, on SQLite")
        with house:
            tale: Tale | None = None
            try:
                house.ask("deploy", "./", "kratos")
                say("  waiting for the charm to start the server")
                house.settle("kratos")
                say(f"  kratos/0 is active; the server listens on {house.public} (admin: {house.admin})")
                tale = Tale(house, Visitor(house.public, house.admin))
                tale.prove("nobody without a key may use the admin API", not tale.visitor.is_let_in(seconds=0))
                tale.play()
            except SandboxError:
                step = tale.step if tale else step
                house.keep = True
                raise
    except (SandboxError, OSError, KeyError) as error:
        print(f"\nFAILED at “{step}”: {error}", file=sys.stderr)
        if house.keep:
            print(f"What was there is kept in {places.folder}; see sandbox.log and units/.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say(f"\nAll of the guide holds. Everything that was started has been stopped. ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
