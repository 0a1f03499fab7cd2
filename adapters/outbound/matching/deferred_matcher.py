"""The matcher, imported when something is to be compared: every command makes it, and few use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.model.mappings.alias import AliasKey
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion
from ports.code_matcher import CodeMatcher


class DeferredMatcher(CodeMatcher):
    def suggest(
        self, records: Sequence[RecordToMap], codes: Sequence[ListedCode], known: KnownCodes, *, most: int = 5
    ) -> Mapping[AliasKey, Sequence[Suggestion]]:
        from adapters.outbound.matching.rapidfuzz_matcher import RapidFuzzMatcher  # noqa: PLC0415

        return RapidFuzzMatcher().suggest(records, codes, known, most=most)
