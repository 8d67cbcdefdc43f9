"""Keeps the sandbox's model in the foreground until Ctrl-C."""

import signal
import sys
import time

from juju_sandbox.failures import SandboxError
from juju_sandbox.house import House, say
from juju_sandbox.places import Places


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    places = Places.from_environment()
    try:
        say(f"Starting the sandbox in {places.folder}")
        with House(places, fresh=False) as house:
            if "kratos" not in house.ask("status", "--format", "json"):
                house.ask("deploy", "./", "kratos")
            say("  waiting for the charm to start the server")
            house.settle("kratos")
            say(_invitation(house))
            _wait(house)
    except SandboxError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped; the model is kept. Start it again with: make run")
    return 0


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _wait(house: House) -> None:
    while house.running:
        time.sleep(0.5)
    raise SandboxError(f"the sandbox ended by itself; see {house.places.log}")


def _invitation(house: House) -> str:
    return f"""
kratos/0 is active.

  people sign in at     {house.public}
  administrators use    {house.admin}/admin/identities, with a key of create-admin-api-key

Try, in another terminal:

  sandbox/juju status
  sandbox/juju run kratos/0 create-admin-account email=you@example.com password=a-long-password username=you
  sandbox/juju run kratos/0 get-identity email=you@example.com
  curl {house.public}/self-service/login/api
  sandbox/juju run kratos/0 create-admin-api-key name=mine
  sandbox/juju integrate kratos postgresql-k8s
  sandbox/juju debug-log
  sandbox/juju destroy-model        # ends the sandbox and forgets everything

Ctrl-C stops it and keeps the model."""


if __name__ == "__main__":
    sys.exit(main())
