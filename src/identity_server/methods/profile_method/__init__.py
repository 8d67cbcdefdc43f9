"""What people say about themselves: the first step of a sign-up, and their settings."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.profile_method.registration import ProfileRegistration
from identity_server.methods.profile_method.settings import ProfileSettings
from identity_server.services import Services


class ProfileMethod:
    """The room of traits."""

    id = "profile"
    group = "profile"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Signing up and settings, when profiles are enabled."""
        if not services.configuration.flag("selfservice.methods.profile.enabled"):
            return {}
        return {"registration": ProfileRegistration(), "settings": ProfileSettings()}
