"""Errors as problem details (RFC 9457): a stable code, what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.inbound.schema.schema_base import Output
from adapters.inbound.schema.sending.plans import PlanOut
from adapters.inbound.schema.terms import eg


class FieldErrorOut(Output):
    """One wrong part of a request."""

    pointer: Annotated[str, eg("/connection")]
    """JSON pointer into the body. For a query parameter or header it is a slash and the name. '': the whole body."""
    detail: Annotated[str, eg("is required")]
    """What is wrong, or what a right value would be."""


class Problem(Output):
    """Why a request was refused or failed, as RFC 9457 describes problem details."""

    type: Annotated[str, Field(examples=["/problems/BAD_INPUT"], json_schema_extra={"format": "uri-reference"})]
    """Address of the page about this code, on this server."""
    title: Annotated[str, eg("Request not valid")]
    """What the code means, in a few words."""
    status: Annotated[int, eg(422)]
    """The HTTP status of the answer."""
    detail: Annotated[str, eg("The request is not valid: /connection: is required.")]
    """What went wrong this time."""
    code: Annotated[str, eg("BAD_INPUT")]
    """Stable code for programs. Act on this, not on the words."""
    errors: list[FieldErrorOut] = Field(default_factory=list)
    """The wrong parts of the request, each with its place. Empty if the request as a whole was refused."""
    fix: Annotated[str, eg("Correct the named fields.")] = ""
    """What to do. '' if nobody can do anything."""
    retryable: bool = False
    """Whether the same request may succeed later without a change. Wait as Retry-After says."""
    request_id: Annotated[str, eg("5f1c0d2a9b3e4c71")] = ""
    """Id of the request, the same as in the header X-Request-Id: it finds the request in Jobferry's log."""
    instance: Annotated[str, eg(None)] | None = None
    """Identifies an unexpected failure in Jobferry's log, as `urn:jobferry:failure:ID`. Left out for all others."""
    plan: Annotated[PlanOut, eg(None)] | None = None
    """The present plan, if the plan that you named is outdated or the job cannot be completed and sent. Left out for
    all others."""
