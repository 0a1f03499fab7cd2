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
    is outdated or blocked. `instance` identifies an unexpected failure in the log."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut] = Field(default_factory=list)
    fix: str = ""
    retryable: bool = False
    instance: str | None = None
    plan: PlanOut | None = None
