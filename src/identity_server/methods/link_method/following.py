"""Looking at the token of a link that somebody opened."""

from identity_server.flows import forms
from identity_server.flows.one_time import StoredToken
from identity_server.methods.interface import Form, StepContext
from identity_server.methods.link_method import issue


def token_of(context: StepContext, form: Form) -> str:
    """The token of a submission, or of the link itself; empty when there is none."""
    return forms.text_of(form, "token") or context.caller.parameter("token")


async def find(context: StepContext, token: str) -> StoredToken | None:
    """The token, if it was made for this flow and nobody has used it."""
    stored = await context.services.codes.token(issue.token_hash(token))
    flow = context.flow
    if stored is None or (stored.kind, stored.flow_id) != (flow.kind, flow.id):
        return None
    return None if stored.used_at or not stored.identity_id else stored


async def use(context: StepContext, stored: StoredToken) -> bool:
    """Uses a token; False when somebody was faster."""
    return await context.services.codes.use_token(stored.id, context.services.now())
