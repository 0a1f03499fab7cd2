"""Sign-in links: a person's way into the console, once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text


class SignInLinkIn(Input):
    """With `role`, somebody who is not there yet is added; `page` is a path of the console to lead to."""

    email: Annotated[Text, StringConstraints(min_length=3)]
    name: Text = ""
    role: Literal["viewer", "sender", "administrator"] | None = None
    page: Text = Field(default="", description="Such as /t/cardinal/jobs/2412087334600705.")


class SignInLinkOut(Output):
    """`url` opens the console once, until `expires_at`. It is a path where this Jobferry has no public address."""

    url: str
    expires_at: Moment
