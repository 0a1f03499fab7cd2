"""Compares names, addresses and phones of ServiceTrade records with the codes that Spectrum has."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from core.model.mappings.alias import AliasKey
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion


class CodeMatcher(Protocol):
    @abstractmethod
    def suggest(
        self, records: Sequence[RecordToMap], codes: Sequence[ListedCode], known: KnownCodes, *, most: int = 5
    ) -> Mapping[AliasKey, Sequence[Suggestion]]:
        """At most `most` candidates for each record, best first, none for a record that resembles nothing. `codes` may
        be of several kinds; a record is only compared with those of its own. It computes for some milliseconds a
        record, so callers run it outside the event loop. At most one candidate of a record is `clear`."""
        ...
