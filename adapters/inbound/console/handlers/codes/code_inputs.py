"""The inputs of codes that a send lacks, as a form posts them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.shared.errors import BadInput
from core.services.sending.set_codes import GivenCode, SentAgain

_CODE = "code."
_LONGEST_KEY = 100


def given_codes(form: Mapping[str, str]) -> list[GivenCode]:
    """The codes of a form. An input that may stay empty is left out if it is. Raises BadInput."""
    given = []
    for name, text in form.items():
        kind_and_id = name.removeprefix(_CODE)
        kind, _, record_id = kind_and_id.partition(".")
        if name.startswith(_CODE) and kind in set(AliasKind) and text.strip():
            entry = AliasEntry(AliasKind(kind), record_id, form.get(f"name.{kind_and_id}", ""), text.strip())
            given.append(GivenCode(entry, form.get(f"known.{kind_and_id}", "")))
    if not given:
        raise BadInput("No code was entered.", fix="Enter the code as it is in Spectrum, then save.")
    return given


def typed_codes(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by the names of the inputs."""
    return {name: text for name, text in form.items() if name.startswith(_CODE)}


def once_of(form: Mapping[str, str], subject: str) -> str:
    """What makes this press of a button different from all others; the same form gives the same."""
    return f"codes-{form.get('once') or secrets.token_hex(8)}-{subject}"[:_LONGEST_KEY]


def sent_page(sent: SentAgain) -> str:
    """The page that follows what was sent, below the tenant's."""
    return f"batches/{sent.batch_id}" if sent.batch_id else f"sends/{sent.send_id}"
