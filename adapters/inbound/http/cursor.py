"""Opaque cursors: where a list goes on. What is inside is ours to change."""

from __future__ import annotations

import base64
import binascii

from core.model.errors import BadInput, FieldError

_LARGEST = 2**63 - 1


def encode(before: int) -> str:
    return base64.urlsafe_b64encode(f"before:{before}".encode()).decode().rstrip("=")


def decode(cursor: str) -> int:
    """Raises BadInput for anything that `encode` did not make."""
    try:
        name, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        before = int(number)
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    if name != "before" or not 0 <= before <= _LARGEST or encode(before) != cursor:
        raise _refused()
    return before


def _refused() -> BadInput:
    return BadInput(
        "This cursor is none of ours.",
        fix="Pass the `next` of the page before, unchanged, or leave it out to start anew.",
        errors=[FieldError("/cursor", "must be the `next` of an earlier page")],
    )
