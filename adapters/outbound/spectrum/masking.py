"""Removes secrets from everything that is stored or shown about a call.

It searches for them without regular expressions of their own: to compile one for a token takes longer than a call.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from adapters.net.windows_text import as_windows
from adapters.outbound.spectrum.answer_text import text_of
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import Accepted, AnswerRow, Refused, Unknown, WriteOutcome
from core.model.shared.secret import Secret

MASK = "***"
KEPT_BYTES = 16_384
SHOWN_CHARACTERS = 500
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:#0*([0-9]{1,7})|#x0*([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));", re.IGNORECASE)

Place = tuple[int, int]
"""Where a text begins and ends inside another."""


class Masking:
    """Replaces each secret by stars, in upper or lower case, in each XML or HTML escape, read as Windows-1252, and with
    single blanks."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {
            spelling
            for one in secrets
            for spelling in (one, " ".join(one.split()), as_windows(one.encode("utf-8", "replace")))
        }
        self._secrets = {_in_one_case(one) for one in spellings if one}

    def text(self, text: str) -> str:
        """Return a message without secrets, cut after masking to SHOWN_CHARACTERS."""
        return self._mask(text)[:SHOWN_CHARACTERS]

    def evidence(self, content: bytes, content_type: str = "") -> str:
        """Return a request or answer as text to store, at most 16 kB."""
        text = text_of(content, content_type).replace("\x00", "")  # the database rejects NUL
        # A long answer is read only as far as needed. The end of that may cut a secret, so it has to lie far behind.
        read = 4 * KEPT_BYTES
        masked = self._mask(text[:read])
        while read < len(text) and len(masked) < 2 * KEPT_BYTES:
            read *= 4
            masked = self._mask(text[:read])
        return masked.encode()[:KEPT_BYTES].decode("utf-8", "ignore")

    def outcome(self, outcome: WriteOutcome) -> WriteOutcome:
        """Return the outcome without secrets: Spectrum's messages may repeat them."""
        if isinstance(outcome, Accepted):
            return Accepted(self._rows(outcome.returned), self._rows(outcome.warnings))
        if isinstance(outcome, Refused):
            return replace(outcome, rows=self._rows(outcome.rows), detail=self.text(outcome.detail))
        if isinstance(outcome, Unknown):
            return replace(outcome, detail=self.text(outcome.detail))
        return outcome

    def _mask(self, text: str) -> str:
        places = [*self._places(text)]
        if "&" in text:
            unescaped = _Unescaped.of(text)
            places += [unescaped.original(place) for place in self._places(unescaped.text)]
        kept, at = list[str](), 0
        for start, end in _apart(places):
            kept += text[at:start], MASK
            at = end
        return "".join((*kept, text[at:]))

    def _places(self, text: str) -> Iterator[Place]:
        text = _in_one_case(text)
        for secret in self._secrets:
            start = text.find(secret)
            while start >= 0:
                yield start, start + len(secret)
                start = text.find(secret, start + len(secret))

    def _rows(self, rows: tuple[AnswerRow, ...]) -> tuple[AnswerRow, ...]:
        return tuple(AnswerRow(row.code, self.text(row.text), self.text(row.column)) for row in rows)


def masking_of(target: SpectrumTarget, token: Secret | None, *spellings: str) -> Masking:
    """The masking of one call: its Authorization ID, client secret and token, each also as JSON writes it, and other
    spellings of them."""
    secrets = (target.secrets.authorization_id, target.secrets.client_secret, token)
    told = [secret.reveal() for secret in secrets if secret]
    return Masking((*told, *(json.dumps(one)[1:-1] for one in told if not one.isalnum()), *spellings))


@dataclass(slots=True)
class _Unescaped:
    """A text without its references to characters, such as `&lt;` and `&#60;`, and where each character was before."""

    text: str = ""
    _ends: list[int] = field(default_factory=list)
    """Where each reference's character ends in `text`."""
    _longer: list[int] = field(default_factory=lambda: [0])
    """By how much the original is longer: before the first reference, after it, after the second, and so on."""

    @classmethod
    def of(cls, original: str) -> _Unescaped:
        made, parts, at, length = cls(), list[str](), 0, 0
        for found in _REFERENCE.finditer(original):
            decimal, hexadecimal, name = found.groups()
            code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else ord(_NAMED[name.lower()])
            if code <= sys.maxunicode:
                parts += original[at : found.start()], chr(code)
                at = found.end()
                length += len(parts[-2]) + 1
                made._ends.append(length)
                made._longer.append(at - length)
        made.text = "".join((*parts, original[at:]))
        return made

    def original(self, place: Place) -> Place:
        """Return the place in the original text."""
        start, end = (at + self._longer[bisect_right(self._ends, at)] for at in place)
        return start, end


def _apart(places: Iterable[Place]) -> Iterator[Place]:
    """Yield the places in order, each that overlap as one."""
    start, end = 0, 0
    for first, last in sorted(places):
        if first >= end:
            if end:
                yield start, end
            start = first
        end = max(end, last)
    if end:
        yield start, end


def _in_one_case(text: str) -> str:
    """Return the text without differences of case. Each character stays one, so that places stay the same."""
    folded = text.casefold()
    return folded if len(folded) == len(text) else text.translate({ord(one): _folded(one) for one in set(text)})


def _folded(character: str) -> str:
    folded = character.casefold()
    return folded if len(folded) == 1 else character.lower()[0]
