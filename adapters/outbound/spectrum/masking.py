"""Removes secrets from everything that is stored or shown about a call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from core.model.sending.answer import Accepted, AnswerRow, Refused, Unknown, WriteOutcome

MASK = "***"
KEPT_BYTES = 16_384
SHOWN_CHARACTERS = 500
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


class Masking:
    """Replaces each secret by stars, in upper or lower case and in every XML or HTML escape."""

    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_spellings, longest_first)), re.IGNORECASE) if longest_first else None

    def text(self, text: str) -> str:
        """Return a message without secrets, cut after masking to SHOWN_CHARACTERS."""
        return self._mask(text)[:SHOWN_CHARACTERS]

    def evidence(self, content: bytes) -> str:
        """Return a request or answer as text to store, at most 16 kB."""
        # The database rejects NUL. Without NULs UTF-16 reads as plain text, so it is also masked.
        masked = self._mask(content.decode("utf-8", "replace").replace("\x00", ""))
        return masked.encode()[:KEPT_BYTES].decode("utf-8", "ignore")

    def outcome(self, outcome: WriteOutcome) -> WriteOutcome:
        """Return the outcome without secrets: Spectrum's messages may repeat them."""
        if isinstance(outcome, Accepted):
            return Accepted(self._rows(outcome.returned))
        if isinstance(outcome, Refused):
            return replace(outcome, rows=self._rows(outcome.rows), detail=self.text(outcome.detail))
        if isinstance(outcome, Unknown):
            return replace(outcome, detail=self.text(outcome.detail))
        return outcome

    def _mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def _rows(self, rows: tuple[AnswerRow, ...]) -> tuple[AnswerRow, ...]:
        return tuple(AnswerRow(row.code, self.text(row.text), self.text(row.column)) for row in rows)


def _spellings(secret: str) -> str:
    return "".join(_spelling(character) for character in secret)


def _spelling(character: str) -> str:
    ways = [re.escape(character), f"&#0*{ord(character)};", f"&#x0*{ord(character):x};"]
    if name := _NAMED.get(character):
        ways.append(f"&{name};")
    return f"(?:{'|'.join(ways)})"
