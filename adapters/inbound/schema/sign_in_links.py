"""Sign-in links: each signs a person in to the console once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from adapters.inbound.schema.terms import eg


class SignInLinkIn(Input):
    """Who is signed in by the link."""

    email: Annotated[Text, Field(min_length=3, examples=["anna@example.com"], json_schema_extra={"format": "email"})]
    """E-mail address of the person."""
    name: Annotated[Text, eg("Anna Berg")] = ""
    """The person's name, used when the person is added."""
    role: Literal["viewer", "sender", "administrator"] | None = None
    """The role of a person who does not exist yet and is added. Null: the person must exist."""
    page: Annotated[Text, eg("/t/cardinal/jobs/2412087334600705")] = ""
    """Path of the console page that the link opens. '': the first page."""


class SignInLinkOut(Output):
    """A link that signs a person in to the console once."""

    url: Annotated[
        str,
        Field(
            examples=["https://jobferry.example.com/sign-in/6Y0C4q3m"], json_schema_extra={"format": "uri-reference"}
        ),
    ]
    """The link. It is only a path if Jobferry has no public address."""
    expires_at: Moment
    """Until when it can be used."""
