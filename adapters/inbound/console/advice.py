"""Filters of the templates: what the signed-in person can do about a finding or an error, at this moment."""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from adapters.inbound.console.page_request import PageRequest
from core.model.catalogue import advice_for, fix_of
from core.model.shared.advice import Door, Outcome
from core.model.shared.errors import JobferryError
from core.model.shared.finding import Finding


@pass_context
def advice(context: Context, found: Finding, outcome: Outcome) -> tuple[str, ...]:
    """The steps of a finding."""
    return advice_for(found, outcome, _door(context))


@pass_context
def fix(context: Context, error: JobferryError) -> str:
    """What to do about an error that ended a page's work."""
    return fix_of(error, _door(context))


def _door(context: Context) -> Door:
    request = context.get("request")
    if not isinstance(request, PageRequest):
        raise TypeError("the template imports macros that give advice: do so `with context`")
    return request.door
