"""Sign-in links: each signs a person in to the console once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text


class SignInLinkIn(Input):
    """With `role`, a person who does not exist yet is added. `page` is the console page that the link opens."""

    email: Annotated[Text, StringConstraints(min_length=3)]
    name: Text = ""
    role: Literal["viewer", "sender", "administrator"] | None = None
    page: Text = Field(default="", description="Such as /t/cardinal/jobs/2412087334600705.")


class SignInLinkOut(Output):
    """`url` signs in to the console once, until `expires_at`. It is only a path if Jobferry has no public address."""

    url: str
    expires_at: Moment
