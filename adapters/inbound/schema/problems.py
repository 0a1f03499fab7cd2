"""Errors as problem details (RFC 9457): stable code, what is wrong, where, and what to do."""

from __future__ import annotations

from pydantic import Field

from adapters.inbound.schema.schema_base import Output
from adapters.inbound.schema.sending.plans import PlanOut


class FieldErrorOut(Output):
    """`pointer` is a JSON pointer into the body; for a query parameter or header its name after a slash."""

    pointer: str
    detail: str


class Problem(Output):
    """`retryable`: the same request may succeed later without anybody changing anything. `plan` is the present plan
    where the expected one no longer holds; `instance` finds an unexpected failure in the log."""

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
