"""The page that asks before something is removed or revoked for good, and says what is lost. It is a plain form."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.inbound.console.handlers.sign_in import FORM_PERSON, FORM_TOKEN
from adapters.inbound.console.page_request import PageRequest, Rendered

SURE = "sure"


def is_sure(request: PageRequest) -> bool:
    """Whether the form comes from the page that asked."""
    return request.form.get(SURE) == "yes"


def ask(request: PageRequest, *, heading: str, lost: Sequence[str], button: str, back: str) -> Rendered:
    """Ask before the act of the posted form. `lost` are sentences; `button` is what the button says; `back` is the page
    that shows the record."""
    fields = {name: text for name, text in request.form.items() if name not in (FORM_TOKEN, FORM_PERSON, SURE)}
    return Rendered(
        "confirm.html",
        {"heading": heading, "lost": lost, "button": button, "back": back, "fields": fields, "sure": SURE},
    )
