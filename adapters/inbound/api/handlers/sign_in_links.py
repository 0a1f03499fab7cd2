"""Sign-in links for the console."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.sign_in_links import SignInLinkIn, SignInLinkOut
from core.model.access.person import Role


async def make_sign_in_link(call: Call[SignInLinkIn]) -> Reply[SignInLinkOut]:
    """Make a link that signs a person in once, within ten minutes.

    Anybody who opens it is signed in as that person, so the key must be allowed all that the person's role may do.
    """
    asked = call.input
    made = await call.use_cases.sign_in.make_link(
        call.tenant.id,
        asked.email,
        name=asked.name,
        role=Role(asked.role) if asked.role else None,
        page=asked.page,
        by=call.caller,
    )
    return Reply(SignInLinkOut.of(made))
