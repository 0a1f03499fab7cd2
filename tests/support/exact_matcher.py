"""A matcher for tests: the same name is clear, the same first word is a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion
from ports.code_matcher import CodeMatcher


class ExactMatcher(CodeMatcher):
    """`asked` are the records of each call; a site whose customer has a code is compared with that customer's only."""

    def __init__(self) -> None:
        self.asked: list[Sequence[RecordToMap]] = []

    def suggest(
        self, records: Sequence[RecordToMap], codes: Sequence[ListedCode], known: KnownCodes, *, most: int = 5
    ) -> Mapping[AliasKey, Sequence[Suggestion]]:
        self.asked.append(records)
        return {one.key: _suggestions(one, codes, known)[:most] for one in records}


def _suggestions(record: RecordToMap, codes: Sequence[ListedCode], known: KnownCodes) -> list[Suggestion]:
    of = known.codes.get((AliasKind.CUSTOMER, record.customer_id))
    same_kind = [one for one in codes if one.kind is record.kind and (not of or one.customer_code in ("", of))]
    same = [one for one in same_kind if one.name.casefold() == record.name.casefold()]
    first = record.name.split(" ")[0].casefold()
    alike = [one for one in same_kind if one not in same and one.name.split(" ")[0].casefold() == first]
    exact = [
        Suggestion(code=one.code, name=one.name, score=100, reasons=("same name",), clear=len(same) == 1)
        for one in same
    ]
    return exact + [Suggestion(code=one.code, name=one.name, score=60, reasons=("same first word",)) for one in alike]
