"""Errors as problem details (RFC 9457): a stable code, what is wrong, where, and what to do."""

from __future__ import annotations

from pydantic import Field

from adapters.inbound.schema.schema_base import Output
from adapters.inbound.schema.sending.plans import PlanOut


class FieldErrorOut(Output):
    """`pointer` is a JSON pointer into the body. For a query parameter or header it is a slash and the name."""

    pointer: str
    detail: str


class Problem(Output):
    """`retryable`: the same request may succeed later without a change. `plan` is the present plan if the expected plan
    is outdated or blocked. `request_id` is the one of the header X-Request-Id: it finds the request in the log.
    `instance` names an unexpected failure."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut] = Field(default_factory=list)
    fix: str = ""
    retryable: bool = False
    request_id: str = ""
    instance: str | None = None
    plan: PlanOut | None = None
